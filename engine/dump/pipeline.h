/* The flow of a dump: sessions fill raw chunks, codec threads turn them into frames, one thread
 * writes the frames to their files. Bounded queues and pools between them; see ARCHITECTURE.md for
 * why it cannot deadlock. On a large machine it has a lane for each cache domain: see
 * engine/flow/placement.h. */
#ifndef PGFAST_DUMP_PIPELINE_H
#define PGFAST_DUMP_PIPELINE_H

#include "compress/codec.h"
#include "engine/archive/data_file.h"
#include "engine/archive/data_writer.h"
#include "engine/archive/folder.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/flow/row_turn.h"
#include "engine/flow/topology.h"
#include "engine/flow/watch.h"
#include "io/io_engine.h"

#include <stdbool.h>
#include <stdint.h>

struct pipeline;
struct codec_lane;

struct pipeline_options {
    struct folder *folder;
    const struct codec *codec;
    struct codec_settings settings;
    const struct io_engine_ops *engine;
    const struct topology *topology; /* lent until pipeline_free */
    unsigned workers; /* threads that will fill streams; the coordinator may do so besides */
    enum sync_method sync;
    uint64_t memory_bytes;     /* the process takes no more; 0: see memory_plan.h */
    uint64_t bytes_per_second; /* of what is written; 0: no limit */
    bool is_direct;      /* large files go past the page cache where the file system lets them */
    struct watch *watch; /* a failure of any stage cancels the run */
};

bool pipeline_start(struct pipeline **pipeline, const struct pipeline_options *options,
                    struct error *error) MUST_CHECK;

/* Called by the thread of worker `worker`, counted from 0: takes its place in the machine, and
 * tells which lane its streams go through. The coordinator, if it has a stream at all, uses lane 0
 * from where it is. */
unsigned pipeline_enter(struct pipeline *pipeline, unsigned worker);

/* For the sessions of workers; lives as long as the pipeline. */
struct row_turn *pipeline_row_turn(const struct pipeline *pipeline);

/* After the last stream has ended: waits until every file is on disk. False with the first failure,
 * ERROR_CANCELLED where a stage was only stopped. */
bool pipeline_finish(struct pipeline *pipeline, struct error *error) MUST_CHECK;
const struct data_writer *
pipeline_writer(const struct pipeline *pipeline); /* the files that are not in the ledger, after
                                                     pipeline_finish */
/* All others; after pipeline_finish the caller's to go on with. */
struct file_ledger *pipeline_ledger(const struct pipeline *pipeline);

/* Joins what still runs (the run must have been cancelled, or finished). Accepts NULL. */
void pipeline_free(struct pipeline *pipeline);

/* One file being filled; embedded in its session's frame, used by its thread only. */
struct stream {
    struct codec_lane *lane;
    struct data_file *file; /* the writer's once the last chunk is pushed; see data_file.h */
    struct chunk *chunk;    /* being filled; NULL: the next byte takes one */
    uint64_t sequence;
    uint64_t rows;       /* of the chunk */
    uint64_t total_rows; /* so far */
};

/* Prefix and name without the codec's suffix, which is added. The arena holds the file's record and
 * outlives the pipeline. Those below fail with ERROR_CANCELLED, when the flow has been stopped, or
 * as codec_lane_push does. */
void stream_begin(struct stream *stream, struct pipeline *pipeline, unsigned lane,
                  struct arena *arena, const char *prefix, const char *name);
bool stream_write(struct stream *stream, const void *bytes, size_t length,
                  struct error *error) MUST_CHECK;
/* A window into the chunk being filled, for those who can read straight into it: never empty; what
 * came is told by stream_advance. */
bool stream_window(struct stream *stream, void **window, size_t *room,
                   struct error *error) MUST_CHECK;
void stream_advance(struct stream *stream, size_t length, uint64_t rows);
bool stream_end(struct stream *stream, struct error *error) MUST_CHECK;
/* Instead of an end, after a failure: a file that has been begun is ended as it is, so that the
 * writer does not wait for more; whoever abandons it sees to it that it is no part of an archive.
 */
void stream_abandon(struct stream *stream);

#endif
