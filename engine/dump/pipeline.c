#include "engine/dump/pipeline.h"

#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/base/queue.h"
#include "engine/base/size_text.h"
#include "engine/dump/codec_lane.h"
#include "engine/dump/memory_plan.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than are on their way at a time: each has a chunk somewhere, or is being synced. */
enum { SPARE_FILES = 1024 };

struct pipeline {
    struct pipeline_options options;
    struct placement placement;
    struct memory_plan memory;
    struct row_turn *row_turn;
    struct codec_lane *lanes;
    unsigned lane_count; /* opened, or tried to */
    struct queue *frames;
    struct file_ledger *ledger;
    struct queue *spare_files; /* records of files that are finished */
    struct data_writer *writer;
    struct crew *writer_crew;
    struct error writer_error;
};

/* ---- the writing stage's thread ---- */

/* What an I/O engine calls unsupported is a service of this machine, not an archive's format. */
static void blame_machine(struct error *error)
{
    error->kind = ERROR_IO;
    error_hint(error,
               "With --io-engine=auto files are written by threads where there is no io_uring.");
}

static void write_files(void *context, unsigned index)
{
    struct pipeline *pipeline = context;
    struct error *error = &pipeline->writer_error;

    (void)index;
    if (data_writer_work(pipeline->writer, error))
        return;
    if (error->kind == ERROR_UNSUPPORTED)
        blame_machine(error);
    if (error->kind != ERROR_CANCELLED)
        cancel_set(pipeline->options.watch->cancel);
}

static void abandon_writer(void *context)
{
    struct pipeline *pipeline = context;

    cancel_set(pipeline->options.watch->cancel);
}

/* ---- building ---- */

static bool make_writer(struct pipeline *pipeline, struct error *error)
{
    const struct memory_plan *memory = &pipeline->memory;
    const struct data_writer_options options = {
        .folder = pipeline->options.folder,
        .frames = pipeline->frames,
        .engine = pipeline->options.engine,
        .depth = memory->writes_in_flight,
        .sync = pipeline->options.sync,
        .counters = &pipeline->options.watch->counters,
        .cancel = pipeline->options.watch->cancel,
        .outlet = {.ledger = pipeline->ledger, .spare = pipeline->spare_files},
        .blocks = {.count = memory->blocks,
                   .files_maximum = memory->files_in_blocks,
                   .block_bytes = memory->block_bytes},
        .bytes_per_second = pipeline->options.bytes_per_second,
    };

    return data_writer_create(&pipeline->writer, &options, error);
}

static bool open_lanes(struct pipeline *pipeline, struct error *error)
{
    const struct memory_plan *memory = &pipeline->memory;
    struct codec_lane_options options = {
        .placement = &pipeline->placement,
        .codec = pipeline->options.codec,
        .settings = pipeline->options.settings,
        .chunk_bytes = memory->chunk_bytes,
        .frames_beyond = memory->frames_waiting + memory->writes_in_flight + 1,
        .frames = pipeline->frames,
        .cancel = pipeline->options.watch->cancel,
    };

    pipeline->lanes = memory_allocate(pipeline->placement.lane_count, sizeof(struct codec_lane));
    while (pipeline->lane_count < pipeline->placement.lane_count) {
        options.index = pipeline->lane_count++;
        if (!codec_lane_open(&pipeline->lanes[options.index], &options, error))
            return false;
    }
    return true;
}

static bool start_stages(struct pipeline *pipeline, struct error *error)
{
    const struct pipeline_options *options = &pipeline->options;

    if (!memory_plan_make(&pipeline->memory, &pipeline->placement, options->is_direct,
                          options->memory_bytes, error))
        return false;
    pipeline->row_turn = row_turn_create(pipeline->memory.row_bytes, options->watch->cancel);
    pipeline->frames = queue_create(pipeline->memory.frames_waiting);
    pipeline->ledger = file_ledger_create(options->folder);
    pipeline->spare_files = queue_create(SPARE_FILES);
    cancel_closes_queue(pipeline->options.watch->cancel, pipeline->frames);
    return open_lanes(pipeline, error) && make_writer(pipeline, error) &&
           crew_start(&pipeline->writer_crew, "pgf-io", 1, write_files, abandon_writer, pipeline,
                      error);
}

bool pipeline_start(struct pipeline **pipeline, const struct pipeline_options *options,
                    struct error *error)
{
    struct pipeline *made = memory_allocate(1, sizeof(*made));

    made->options = *options;
    placement_plan(&made->placement, options->topology, options->workers);
    if (!start_stages(made, error)) {
        cancel_set(options->watch->cancel);
        pipeline_free(made);
        return false;
    }
    *pipeline = made;
    return true;
}

unsigned pipeline_enter(struct pipeline *pipeline, unsigned worker)
{
    unsigned lane = placement_lane_of(&pipeline->placement, worker);

    placement_enter(&pipeline->placement, lane);
    return lane;
}

struct row_turn *pipeline_row_turn(const struct pipeline *pipeline)
{
    return pipeline->row_turn;
}

/* ---- ending ---- */

static void join_stages(struct pipeline *pipeline)
{
    for (unsigned i = 0; i < pipeline->lane_count; i++)
        codec_lane_join(&pipeline->lanes[i]);
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

static void tell_of_turns(const struct pipeline *pipeline)
{
    char size[32];

    if (!row_turn_was_awaited(pipeline->row_turn))
        return;
    size_text_format(size, sizeof(size), pipeline->memory.row_bytes);
    event_emit(pipeline->options.watch->events, EVENT_WARNING,
               "rows of more than %s were read by one session at a time, to stay within the memory "
               "limit: with a larger --memory-limit more of them are read at once",
               size);
}

bool pipeline_finish(struct pipeline *pipeline, struct error *error)
{
    struct error cause = {.kind = ERROR_NONE};

    join_stages(pipeline);
    tell_of_turns(pipeline);
    if (cancel_is_set(pipeline->options.watch->cancel))
        error_set(&cause, ERROR_CANCELLED, "cancelled");
    keep_cause(&cause, &pipeline->writer_error);
    for (unsigned i = 0; i < pipeline->lane_count; i++)
        for (unsigned j = 0; j < pipeline->lanes[i].threads; j++)
            keep_cause(&cause, &pipeline->lanes[i].errors[j]);
    if (cause.kind == ERROR_NONE)
        return true;
    *error = cause;
    return false;
}

const struct data_writer *pipeline_writer(const struct pipeline *pipeline)
{
    return pipeline->writer;
}

struct file_ledger *pipeline_ledger(const struct pipeline *pipeline)
{
    return pipeline->ledger;
}

void pipeline_free(struct pipeline *pipeline)
{
    if (!pipeline)
        return;
    join_stages(pipeline);
    cancel_forget_all(pipeline->options.watch->cancel);
    data_writer_free(pipeline->writer);
    file_ledger_free(pipeline->ledger);
    row_turn_free(pipeline->row_turn);
    queue_free(pipeline->spare_files);
    for (unsigned i = 0; i < pipeline->lane_count; i++)
        codec_lane_close(&pipeline->lanes[i]);
    free(pipeline->lanes);
    queue_free(pipeline->frames);
    placement_clear(&pipeline->placement);
    free(pipeline);
}

/* ---- streams ---- */

static bool is_stopped(struct error *error)
{
    return error_set(error, ERROR_CANCELLED, "cancelled");
}

static struct data_file *take_file(struct pipeline *pipeline, struct arena *arena)
{
    void *spare;

    return queue_try_pop(pipeline->spare_files, &spare)
               ? spare
               : arena_allocate(arena, 1, sizeof(struct data_file));
}

void stream_begin(struct stream *stream, struct pipeline *pipeline, unsigned lane,
                  struct arena *arena, const char *prefix, const char *name)
{
    struct data_file *file = take_file(pipeline, arena);

    *stream = (struct stream){.lane = &pipeline->lanes[lane], .file = file};
    *file = (struct data_file){.suffix = stream->lane->stage.codec->suffix};

    int length = snprintf(file->name, sizeof(file->name), "%s%s%s", prefix, name, file->suffix);

    assert(length > 0 && (size_t)length < sizeof(file->name));
}

static bool take_chunk(struct stream *stream, struct error *error)
{
    stream->chunk = chunk_pool_take(stream->lane->raw_pool);
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
    return codec_lane_push(stream->lane, chunk, error);
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
    stream->total_rows += rows;
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
        stream->file->is_abandoned = true;
        (void)!stream_end(stream, &unused);
        return;
    }
    if (stream->chunk)
        chunk_give(stream->chunk);
    stream->chunk = NULL;
}
