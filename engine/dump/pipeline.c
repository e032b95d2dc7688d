#include "engine/dump/pipeline.h"

#include "engine/archive/codec_stage.h"
#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/base/queue.h"
#include "engine/flow/chunk_pool.h"
#include "engine/flow/topology.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One frame a chunk: large enough that codec and file system work in long strides, small enough
 * that many sessions fit in memory. */
static const size_t chunk_bytes = 512 << 10;

enum { WRITES_IN_FLIGHT = 16 };

struct pipeline {
    struct pipeline_options options;
    unsigned codec_threads;
    struct codec_stage stage;
    struct chunk_pool *raw_pool, *frame_pool;
    struct queue *raw, *frames;
    struct data_writer *writer;
    struct crew *codec_crew, *writer_crew;
    struct error *codec_errors; /* one a thread; kind ERROR_NONE: well */
    struct error writer_error;
};

/* ---- the stages' threads ---- */

static void stop_run(struct pipeline *pipeline, const struct error *error)
{
    if (error->kind != ERROR_CANCELLED)
        cancel_set(pipeline->options.watch->cancel);
}

static void encode(void *context, unsigned index)
{
    struct pipeline *pipeline = context;

    if (!codec_stage_work(&pipeline->stage, &pipeline->codec_errors[index]))
        stop_run(pipeline, &pipeline->codec_errors[index]);
}

static void write_files(void *context, unsigned index)
{
    struct pipeline *pipeline = context;

    (void)index;
    if (!data_writer_work(pipeline->writer, &pipeline->writer_error))
        stop_run(pipeline, &pipeline->writer_error);
}

static void abandon_stages(void *context)
{
    struct pipeline *pipeline = context;

    cancel_set(pipeline->options.watch->cancel);
}

/* ---- building ---- */

/* ARCHITECTURE.md, deadlock rules: the raw pool holds what sessions fill, what waits, and what is
 * being encoded; the frame pool what is being encoded, what waits, and what is being written. */
static bool make_pools(struct pipeline *pipeline, struct error *error)
{
    unsigned sessions = pipeline->options.sessions, threads = pipeline->codec_threads;
    size_t frame_bytes =
        pipeline->options.codec->frame_bound(chunk_bytes, &pipeline->options.settings);
    unsigned raw_waiting = sessions + threads, frames_waiting = 2 * threads + WRITES_IN_FLIGHT;

    pipeline->raw = queue_create(raw_waiting);
    pipeline->frames = queue_create(frames_waiting);
    return chunk_pool_create(&pipeline->raw_pool, sessions + raw_waiting + threads, chunk_bytes,
                             error) &&
           chunk_pool_create(&pipeline->frame_pool, threads + frames_waiting + WRITES_IN_FLIGHT + 1,
                             frame_bytes, error);
}

static void connect_cancel(struct pipeline *pipeline)
{
    struct cancel *cancel = pipeline->options.watch->cancel;

    cancel_closes_queue(cancel, pipeline->raw);
    cancel_closes_queue(cancel, pipeline->frames);
    cancel_closes_pool(cancel, pipeline->raw_pool);
    cancel_closes_pool(cancel, pipeline->frame_pool);
}

static bool make_writer(struct pipeline *pipeline, struct error *error)
{
    const struct data_writer_options options = {
        .folder = pipeline->options.folder,
        .frames = pipeline->frames,
        .engine = pipeline->options.engine,
        .depth = WRITES_IN_FLIGHT,
        .sync = pipeline->options.sync,
        .counters = &pipeline->options.watch->counters,
        .cancel = pipeline->options.watch->cancel,
    };

    return data_writer_create(&pipeline->writer, &options, error);
}

static bool start_crews(struct pipeline *pipeline, struct error *error)
{
    char name[16];

    pipeline->stage = (struct codec_stage){
        .codec = pipeline->options.codec,
        .settings = pipeline->options.settings,
        .raw = pipeline->raw,
        .frames = pipeline->frames,
        .frame_pool = pipeline->frame_pool,
    };
    snprintf(name, sizeof(name), "pgf-%s", pipeline->options.codec->name);
    return crew_start(&pipeline->codec_crew, name, pipeline->codec_threads, encode, abandon_stages,
                      pipeline, error) &&
           crew_start(&pipeline->writer_crew, "pgf-io", 1, write_files, abandon_stages, pipeline,
                      error);
}

bool pipeline_start(struct pipeline **pipeline, const struct pipeline_options *options,
                    struct error *error)
{
    struct pipeline *made = memory_allocate(1, sizeof(*made));
    struct topology topology;

    topology_discover(&topology);
    made->options = *options;
    made->codec_threads = topology_plan_codec_threads(&topology, options->sessions);
    made->codec_errors = memory_allocate(made->codec_threads, sizeof(struct error));

    bool is_made = make_pools(made, error);

    if (is_made) {
        connect_cancel(made);
        is_made = make_writer(made, error) && start_crews(made, error);
    }
    if (!is_made) {
        cancel_set(options->watch->cancel);
        pipeline_free(made);
        return false;
    }
    *pipeline = made;
    return true;
}

/* ---- ending ---- */

static void join_stages(struct pipeline *pipeline)
{
    if (pipeline->raw)
        queue_close(pipeline->raw);
    crew_join(pipeline->codec_crew);
    pipeline->codec_crew = NULL;
    if (pipeline->frames)
        queue_close(pipeline->frames);
    crew_join(pipeline->writer_crew);
    pipeline->writer_crew = NULL;
}

/* A stage that was only stopped by the failure of another is not the cause. */
static void keep_cause(struct error *cause, const struct error *candidate)
{
    if (candidate->kind != ERROR_NONE &&
        (cause->kind == ERROR_NONE || cause->kind == ERROR_CANCELLED))
        *cause = *candidate;
}

bool pipeline_finish(struct pipeline *pipeline, struct error *error)
{
    struct error cause = {.kind = ERROR_NONE};

    join_stages(pipeline);
    if (cancel_is_set(pipeline->options.watch->cancel))
        error_set(&cause, ERROR_CANCELLED, "cancelled");
    keep_cause(&cause, &pipeline->writer_error);
    for (unsigned i = 0; i < pipeline->codec_threads; i++)
        keep_cause(&cause, &pipeline->codec_errors[i]);
    if (cause.kind == ERROR_NONE)
        return true;
    *error = cause;
    return false;
}

const struct data_writer *pipeline_writer(const struct pipeline *pipeline)
{
    return pipeline->writer;
}

void pipeline_free(struct pipeline *pipeline)
{
    if (!pipeline)
        return;
    join_stages(pipeline);
    cancel_forget_all(pipeline->options.watch->cancel);
    data_writer_free(pipeline->writer);
    queue_free(pipeline->raw);
    queue_free(pipeline->frames);
    chunk_pool_free(pipeline->raw_pool);
    chunk_pool_free(pipeline->frame_pool);
    free(pipeline->codec_errors);
    free(pipeline);
}

/* ---- streams ---- */

static bool is_stopped(struct error *error)
{
    return error_set(error, ERROR_CANCELLED, "cancelled");
}

void stream_begin(struct stream *stream, struct pipeline *pipeline, struct arena *arena,
                  const char *name)
{
    *stream = (struct stream){.pipeline = pipeline,
                              .file = arena_allocate(arena, 1, sizeof(struct data_file))};
    snprintf(stream->file->name, sizeof(stream->file->name), "%s%s", name,
             pipeline->options.codec->suffix);
}

static bool take_chunk(struct stream *stream, struct error *error)
{
    stream->chunk = chunk_pool_take(stream->pipeline->raw_pool);
    return stream->chunk ? true : is_stopped(error);
}

static bool push_chunk(struct stream *stream, unsigned flags, struct error *error)
{
    struct chunk *chunk = stream->chunk;

    stream->chunk = NULL;
    chunk->stream = stream->file;
    chunk->sequence = stream->sequence;
    chunk->raw_length_bytes = chunk->length_bytes;
    chunk->rows = stream->rows;
    chunk->flags = flags | (stream->sequence == 0 ? CHUNK_FIRST : 0);
    stream->sequence++;
    stream->rows = 0;
    if (queue_push(stream->pipeline->raw, chunk))
        return true;
    chunk_give(chunk);
    return is_stopped(error);
}

/* A chunk is kept when it is just full: it may turn out to be the last. */
bool stream_window(struct stream *stream, void **window, size_t *room, struct error *error)
{
    if (stream->chunk && stream->chunk->length_bytes == stream->chunk->capacity_bytes &&
        !push_chunk(stream, 0, error))
        return false;
    if (!stream->chunk && !take_chunk(stream, error))
        return false;
    *window = stream->chunk->data + stream->chunk->length_bytes;
    *room = stream->chunk->capacity_bytes - stream->chunk->length_bytes;
    return true;
}

void stream_advance(struct stream *stream, size_t length, uint64_t rows)
{
    stream->chunk->length_bytes += length;
    stream->rows += rows;
}

bool stream_write(struct stream *stream, const void *bytes, size_t length, struct error *error)
{
    const char *at = bytes;

    while (length > 0) {
        void *window;
        size_t room;

        if (!stream_window(stream, &window, &room, error))
            return false;

        size_t piece = length < room ? length : room;

        memcpy(window, at, piece);
        stream_advance(stream, piece, 0);
        at += piece;
        length -= piece;
    }
    return true;
}

bool stream_end(struct stream *stream, struct error *error)
{
    if (!stream->chunk && !take_chunk(stream, error))
        return false;
    return push_chunk(stream, CHUNK_LAST, error);
}

void stream_abandon(struct stream *stream)
{
    struct error unused;

    if (stream->sequence > 0) {
        (void)!stream_end(stream, &unused);
        return;
    }
    if (stream->chunk)
        chunk_give(stream->chunk);
    stream->chunk = NULL;
}
