/* The writing stage: frames of many files, in any order, become files in sequence, through an I/O
 * engine. One thread. It never waits for a pool: while a write is in flight it waits on the engine,
 * otherwise on its queue; syncs in flight are looked after in passing. */
#ifndef PGFAST_ARCHIVE_DATA_WRITER_H
#define PGFAST_ARCHIVE_DATA_WRITER_H

#include "engine/archive/data_file.h"
#include "engine/archive/file_ledger.h"
#include "engine/archive/folder.h"
#include "engine/archive/sync_policy.h"
#include "engine/base/queue.h"
#include "engine/flow/cancel.h"
#include "engine/flow/counters.h"
#include "io/io_engine.h"

struct data_writer;

/* Memory for files of several frames, whose bytes then go past the page cache where the file system
 * lets them. `count` 0: every frame goes through it, as it is. */
struct data_writer_blocks {
    unsigned count;
    unsigned files_maximum; /* fewer than blocks; any others go frame by frame */
    size_t block_bytes;     /* a multiple of DIRECT_IO_ALIGNMENT */
};

/* Where finished files go about which nothing remains to be decided: their numbers into the ledger,
 * the records themselves back to their makers, as far as there is room. All zero: nowhere, they are
 * told as any others. */
struct data_writer_outlet {
    struct file_ledger *ledger;
    struct queue *spare; /* of struct data_file *, to be made anew */
};

/* `depth`: requests in flight. */
struct data_writer_options {
    struct folder *folder;
    struct queue *frames;
    const struct io_engine_ops *engine;
    unsigned depth;
    enum sync_method sync;
    struct data_writer_blocks blocks;
    struct data_writer_outlet outlet;
    uint64_t bytes_per_second;   /* of what is written; 0: no limit */
    struct counters *counters;   /* stored_bytes_done, raw_bytes_done, rows_done; or NULL */
    const struct cancel *cancel; /* tells a wanted end from a file without one; or NULL */
};

bool data_writer_create(struct data_writer **writer, const struct data_writer_options *options,
                        struct error *error) MUST_CHECK;

/* The thread's loop: until the queue is closed and drained and every file finished and, unless told
 * otherwise, on disk (true), or the first failure (false; the error names the file, or the folder
 * where all were synced at once). A file whose LAST chunk never came is an error,
 * ERROR_CANCELLED if the run was cancelled. The engine is opened and closed in here: it belongs to
 * this thread. */
bool data_writer_work(struct data_writer *writer, struct error *error) MUST_CHECK;

/* After work has returned true: the other finished files, in order of finishing. Lent. */
size_t data_writer_count(const struct data_writer *writer);
const struct data_file *data_writer_file(const struct data_writer *writer, size_t index);

/* Closes descriptors. The data files, their makers' own, must still be there. Accepts NULL. */
void data_writer_free(struct data_writer *writer);

#endif
