#include "engine/archive/data_writer.h"

#include "engine/base/arena.h"
#include "engine/base/checksum.h"
#include "engine/base/memory.h"
#include "engine/flow/chunk_pool.h"
#include "engine/flow/reorder.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* What the writer knows of a file besides its numbers. */
struct data_file_progress {
    struct data_file *file;
    struct reorder *reorder;   /* frames that came before their turn */
    struct checksum *checksum; /* of all that has its place in the file */
    int descriptor;            /* -1 once closed */
    unsigned transfers;        /* waiting or in flight */
    bool is_complete;          /* the last frame has its place */
    bool is_sync_begun;
};

/* One request on its way: a frame, or a sync (no chunk). */
struct transfer {
    struct io_request request;
    struct data_file_progress *progress;
    struct chunk *chunk;
    struct transfer *next;
};

struct data_writer {
    struct data_writer_options options;
    struct io_engine *engine;
    struct data_file_progress **files; /* every file ever given */
    size_t count;
    size_t capacity;
    const struct data_file **finished; /* in order of finishing */
    size_t finished_count;
    struct arena *arena; /* of transfers, which are used again and again */
    struct transfer *unused;
    struct transfer *first_waiting;
    struct transfer *last_waiting;
    unsigned in_flight;
    unsigned writes; /* waiting or in flight: each holds a frame that somebody waits for */
    struct sync_policy sync_policy;
    struct io_request **batch; /* of options.depth */
};

bool data_writer_create(struct data_writer **writer, const struct data_writer_options *options,
                        struct error *error)
{
    if (options->depth == 0)
        return error_set(error, ERROR_INTERNAL, "a writer needs a depth of at least 1");
    struct data_writer *created = memory_allocate(1, sizeof(*created));
    created->options = *options;
    created->arena = arena_create();
    created->batch = memory_allocate(options->depth, sizeof(struct io_request *));
    created->sync_policy = (struct sync_policy){
        .method = options->sync,
        .is_file_system_trusted = folder_can_sync_at_once(options->folder),
    };
    *writer = created;
    return true;
}

static void progress_free(struct data_file_progress *progress)
{
    if (progress->descriptor >= 0)
        close(progress->descriptor);
    checksum_free(progress->checksum);
    reorder_free(progress->reorder);
    free(progress);
}

void data_writer_free(struct data_writer *writer)
{
    if (!writer)
        return;
    for (size_t i = 0; i < writer->count; i++)
        progress_free(writer->files[i]);
    free(writer->batch);
    arena_free(writer->arena);
    free(writer->finished);
    free(writer->files);
    free(writer);
}

size_t data_writer_count(const struct data_writer *writer)
{
    return writer->finished_count;
}

const struct data_file *data_writer_file(const struct data_writer *writer, size_t index)
{
    assert(index < writer->finished_count);
    return writer->finished[index];
}

static bool fail(const struct data_writer *writer, const struct data_file *file, int os_errno,
                 const char *could_not, struct error *error)
{
    return error_set_os(error, os_errno, "could not %s \"%s/%s\"", could_not,
                        folder_path(writer->options.folder), file->name);
}

/* Transfers: waiting, in flight, unused */

static struct transfer *take_unused(struct data_writer *writer)
{
    struct transfer *transfer = writer->unused;
    if (!transfer)
        return arena_allocate(writer->arena, 1, sizeof(*transfer));
    writer->unused = transfer->next;
    return transfer;
}

static void give_unused(struct data_writer *writer, struct transfer *transfer)
{
    transfer->next = writer->unused;
    writer->unused = transfer;
}

static void add_waiting(struct data_writer *writer, struct transfer *transfer)
{
    transfer->next = NULL;
    if (writer->first_waiting)
        writer->last_waiting->next = transfer;
    else
        writer->first_waiting = transfer;
    writer->last_waiting = transfer;
}

static void begin_transfer(struct data_writer *writer, struct data_file_progress *progress,
                           struct chunk *chunk, uint64_t offset_bytes)
{
    struct transfer *transfer = take_unused(writer);
    *transfer = (struct transfer){
        .request = {.operation = chunk ? IO_WRITE : IO_SYNC,
                    .fd = progress->descriptor,
                    .data = chunk ? chunk->data : NULL,
                    .length_bytes = chunk ? chunk->length_bytes : 0,
                    .offset_bytes = offset_bytes,
                    .owner = transfer},
        .progress = progress,
        .chunk = chunk,
    };
    progress->transfers++;
    writer->writes += chunk ? 1 : 0;
    add_waiting(writer, transfer);
}

/* Files: begun with their first frame, finished when nothing of them is left to do */

static void remember_file(struct data_writer *writer, struct data_file_progress *progress)
{
    if (writer->count == writer->capacity) {
        writer->capacity = writer->capacity ? 2 * writer->capacity : 64;
        writer->files =
            memory_resize(writer->files, writer->capacity, sizeof(struct data_file_progress *));
        writer->finished =
            memory_resize(writer->finished, writer->capacity, sizeof(struct data_file *));
    }
    writer->files[writer->count++] = progress;
}

static bool begin_file(struct data_writer *writer, struct data_file *file, struct error *error)
{
    struct data_file_progress *progress = memory_allocate(1, sizeof(*progress));
    *progress = (struct data_file_progress){
        .file = file, .reorder = reorder_create(), .checksum = checksum_create(), .descriptor = -1};
    file->progress = progress;
    remember_file(writer, progress);
    return folder_create_file(writer->options.folder, file->name, &progress->descriptor, error);
}

static bool finish_file(struct data_writer *writer, struct data_file_progress *progress,
                        struct error *error)
{
    int outcome = close(progress->descriptor);
    progress->descriptor = -1;
    if (outcome != 0)
        return fail(writer, progress->file, errno, "close", error);
    checksum_text(progress->checksum, progress->file->checksum);
    checksum_free(progress->checksum);
    reorder_free(progress->reorder);
    progress->checksum = NULL;
    progress->reorder = NULL;
    writer->finished[writer->finished_count++] = progress->file;
    return true;
}

/* Takes the next step of a file that has all its frames, once none of them is on its way. */
static bool advance_file(struct data_writer *writer, struct data_file_progress *progress,
                         struct error *error)
{
    if (!progress->is_complete || progress->transfers > 0)
        return true;
    if (progress->is_sync_begun ||
        !sync_policy_wants_file(&writer->sync_policy, progress->file->size_bytes))
        return finish_file(writer, progress, error);
    progress->is_sync_begun = true;
    begin_transfer(writer, progress, NULL, 0);
    return true;
}

/* Frames */

/* Gives the frame its place: from here on only the disk decides when it is written. */
static void place_frame(struct data_writer *writer, struct data_file_progress *progress,
                        struct chunk *chunk)
{
    struct data_file *file = progress->file;
    uint64_t offset_bytes = file->size_bytes;
    assert(!progress->is_complete);
    progress->is_complete = (chunk->flags & CHUNK_LAST) != 0;
    file->size_bytes += chunk->length_bytes;
    file->raw_bytes += chunk->raw_length_bytes;
    file->rows += chunk->rows;
    if (chunk->length_bytes == 0) {
        chunk_give(chunk);
        return;
    }
    file->frames++;
    checksum_update(progress->checksum, chunk->data, chunk->length_bytes);
    begin_transfer(writer, progress, chunk, offset_bytes);
}

static bool accept_frame(struct data_writer *writer, struct chunk *chunk, struct error *error)
{
    struct data_file *file = chunk->stream;
    if (!file->progress && !begin_file(writer, file, error))
        return false;
    struct data_file_progress *progress = file->progress;
    assert(progress->descriptor >= 0);
    reorder_put(progress->reorder, chunk);
    while ((chunk = reorder_take_next(progress->reorder)) != NULL)
        place_frame(writer, progress, chunk);
    return advance_file(writer, progress, error);
}

static bool accept_what_is_there(struct data_writer *writer, struct error *error)
{
    void *chunk;
    while (queue_try_pop(writer->options.frames, &chunk)) {
        if (!accept_frame(writer, chunk, error))
            return false;
    }
    return true;
}

static bool submit_waiting(struct data_writer *writer, struct error *error)
{
    unsigned count = 0;
    while (writer->first_waiting && writer->in_flight + count < writer->options.depth) {
        writer->batch[count++] = &writer->first_waiting->request;
        writer->first_waiting = writer->first_waiting->next;
    }
    writer->in_flight += count;
    return count == 0 ||
           writer->options.engine->submit(writer->engine, writer->batch, count, error);
}

static void count_written(const struct data_writer *writer, const struct chunk *chunk)
{
    struct counters *counters = writer->options.counters;
    if (!counters)
        return;
    counter_add(&counters->stored_bytes_done, chunk->length_bytes);
    counter_add(&counters->raw_bytes_done, chunk->raw_length_bytes);
    counter_add(&counters->rows_done, chunk->rows);
}

/* What is left of a write after `written` bytes of it. */
static void resume_transfer(struct data_writer *writer, struct transfer *transfer, size_t written)
{
    struct io_request *request = &transfer->request;
    request->data = (unsigned char *)request->data + written;
    request->length_bytes -= written;
    request->offset_bytes += written;
    add_waiting(writer, transfer);
}

static bool end_transfer(struct data_writer *writer, struct transfer *transfer, struct error *error)
{
    struct data_file_progress *progress = transfer->progress;
    if (transfer->chunk) {
        count_written(writer, transfer->chunk);
        chunk_give(transfer->chunk);
        writer->writes--;
    }
    give_unused(writer, transfer);
    progress->transfers--;
    return advance_file(writer, progress, error);
}

/* A sync that failed is final: the kernel reports a lost page once, and a second sync would
 * succeed. */
static bool take_result(struct data_writer *writer, struct transfer *transfer, struct error *error)
{
    const struct io_request *request = &transfer->request;
    const struct data_file *file = transfer->progress->file;
    if (!transfer->chunk)
        return request->result < 0 ? fail(writer, file, (int)-request->result, "sync", error)
                                   : end_transfer(writer, transfer, error);
    if (request->result == -EINTR || request->result == -EAGAIN) {
        resume_transfer(writer, transfer, 0);
        return true;
    }
    if (request->result <=
        0) /* no disk says why it takes nothing, but it would be asked for ever */
        return fail(writer, file, request->result < 0 ? (int)-request->result : EIO, "write",
                    error);
    if ((size_t)request->result < request->length_bytes) {
        resume_transfer(writer, transfer, (size_t)request->result);
        return true;
    }
    return end_transfer(writer, transfer, error);
}

static bool take_results(struct data_writer *writer, unsigned at_least, struct error *error)
{
    unsigned count;
    if (!writer->options.engine->reap(writer->engine, at_least, writer->batch,
                                      writer->options.depth, &count, error))
        return false;
    writer->in_flight -= count;
    for (unsigned i = 0; i < count; i++) {
        if (!take_result(writer, writer->batch[i]->owner, error))
            return false;
    }
    return true;
}

/* A sync takes as long as the disk likes, and nobody waits for it but the end: while only syncs are
 * in flight, the frames of other files come first. */
static bool must_wait_for_engine(const struct data_writer *writer)
{
    return writer->writes > 0 || writer->first_waiting;
}

static bool write_until_closed(struct data_writer *writer, struct error *error)
{
    for (;;) {
        void *chunk;
        if (!accept_what_is_there(writer, error) || !submit_waiting(writer, error) ||
            !take_results(writer, must_wait_for_engine(writer) ? 1 : 0, error))
            return false;
        if (must_wait_for_engine(writer))
            continue;
        if (!queue_pop(writer->options.frames, &chunk))
            return true;
        if (!accept_frame(writer, chunk, error))
            return false;
    }
}

static bool await_syncs(struct data_writer *writer, struct error *error)
{
    while (writer->in_flight > 0 || writer->first_waiting) {
        if (!submit_waiting(writer, error) || !take_results(writer, 1, error))
            return false;
    }
    return true;
}

static bool check_all_finished(const struct data_writer *writer, struct error *error)
{
    if (writer->finished_count == writer->count)
        return true;
    if (writer->options.cancel && cancel_is_set(writer->options.cancel))
        return error_set(error, ERROR_CANCELLED, "writing was cancelled");
    for (size_t i = 0; i < writer->count; i++) {
        if (writer->files[i]->descriptor >= 0)
            return error_set(error, ERROR_INTERNAL, "the end of file \"%s\" never came",
                             writer->files[i]->file->name);
    }
    return true;
}

static bool sync_the_rest(struct data_writer *writer, struct error *error)
{
    return !writer->sync_policy.owes_file_system ||
           folder_sync_at_once(writer->options.folder, error);
}

bool data_writer_work(struct data_writer *writer, struct error *error)
{
    const struct io_engine_ops *ops = writer->options.engine;
    if (!ops->open(&writer->engine, writer->options.depth, error))
        return false;
    bool is_done = write_until_closed(writer, error) && await_syncs(writer, error) &&
                   check_all_finished(writer, error) && sync_the_rest(writer, error);
    ops->close(writer->engine); /* waits: the kernel may still be reading from frames */
    writer->engine = NULL;
    return is_done;
}
