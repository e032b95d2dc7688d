/* An I/O engine that does everything an engine may do to its issuer: short counts, completions in a
 * strange order and as late as allowed, no more of them than asked for, and errors at a chosen
 * byte. Bytes go to and come from the real files, and move only when the request is reaped: a
 * buffer that was touched too early shows in the file. */
#ifndef PGFAST_TESTS_FAKES_ENGINE_HOSTILE_H
#define PGFAST_TESTS_FAKES_ENGINE_HOSTILE_H

#include "io/io_engine.h"

enum hostile_order { HOSTILE_OLDEST_FIRST, HOSTILE_NEWEST_FIRST, HOSTILE_SHUFFLED };

struct hostile_plan {
    enum hostile_order order;
    unsigned seed;              /* of the shuffle */
    size_t count_maximum_bytes; /* no request moves more than this; 0: no limit */
    int write_errno;            /* 0: writing works */
    uint64_t
        write_errno_at; /* the write that would store this byte (counted over all files) fails */
    int read_errno;     /* 0: reading works */
    uint64_t read_errno_at; /* as above */
    int sync_errno;         /* 0: syncing works */
    bool is_breaking;       /* every reap fails: the engine itself is broken */
};

/* What the run so far asked for. */
struct hostile_record {
    uint64_t bytes_written;
    uint64_t bytes_read;
    unsigned requests;
    unsigned syncs;
    unsigned in_flight;
    unsigned in_flight_maximum;
    unsigned syncs_too_early; /* begun while a write of the same file was in flight */
    unsigned files_lent;
    unsigned files_refused;
    unsigned files_kept; /* lent and not taken back */
};

/* It is lent so many files at a time, and refuses the rest. */
enum { HOSTILE_FILES_MAXIMUM = 2 };

/* For the engine opened next, and the record starts anew. The vtable has no place for a context, so
 * plan and record belong to the test program: one hostile engine at a time. */
void engine_hostile_plan(const struct hostile_plan *plan);
struct hostile_record engine_hostile_record(void); /* after the engine's thread was joined */

extern const struct io_engine_ops io_engine_hostile;

#endif
