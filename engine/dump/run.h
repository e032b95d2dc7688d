/* A dump from beginning to end, on the calling thread (the coordinator) and on crews of its own. */
#ifndef PGFAST_DUMP_RUN_H
#define PGFAST_DUMP_RUN_H

#include "engine/base/error.h"
#include "engine/flow/watch.h"
#include "engine/server/connection.h"

#include <stddef.h>
#include <stdint.h>

struct dump_options {
    struct connection_words connection;
    const char *output_path;
    unsigned jobs;
    const char *compression; /* NULL: zstd:1 */
    const char *data_format; /* NULL: text */
    bool no_split;
    uint64_t split_bytes;          /* 0: chosen from the sizes and jobs */
    const char *lock_wait_timeout; /* NULL: 5 minutes; "0": no limit */
    const char *role, *encoding, *snapshot, *extra_float_digits;
    bool serializable_deferrable, no_sync, enable_row_security, quote_all_identifiers;
    const char *pg_bindir; /* NULL: search */
    const char *const *pg_dump_arguments;
    size_t pg_dump_argument_count;
    int reader_version;             /* 0: the oldest pg_restore that the codec allows */
    const char *io_engine;          /* NULL: auto */
    bool packs_large_objects;       /* their pages as data of one table, not a file each */
    const char *sync_method;        /* NULL: auto */
    uint64_t memory_bytes;          /* of this process, at most; 0: 64 MiB and 16 MiB a job */
    uint64_t bytes_per_second;      /* written, at most; 0: no limit */
    const char *direct_io;          /* NULL: auto */
    unsigned stall_seconds;         /* a session that is stuck so long ends the run; 0: none does */
    unsigned most_snapshot_seconds; /* a snapshot so old ends the run; 0: none does */
};

struct dump_totals {
    uint64_t entries, tables, chunks, large_objects, rows, raw_bytes, stored_bytes;
    uint64_t losses; /* of what could not be read */
};

/* ERROR_OBJECTS: the archive is there, and complete but for the losses told by events. */
bool dump_run(const struct dump_options *options, struct watch *watch, struct dump_totals *totals,
              struct error *error) MUST_CHECK;

#endif
