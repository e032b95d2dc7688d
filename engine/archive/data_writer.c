#include "engine/archive/data_writer.h"

#include "engine/archive/transfers.h"
#include "engine/archive/writer_files.h"
#include "engine/base/checksum.h"
#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "engine/flow/chunk_pool.h"
#include "engine/flow/rate_limit.h"
#include "engine/flow/reorder.h"
#include "io/direct_io.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

struct data_writer {
    struct data_writer_options options;
    struct transfers *transfers;
    struct writer_files files;
    struct sync_policy sync_policy;
    struct rate_limit rate_limit;
    struct chunk_pool *blocks; /* or NULL */
    unsigned files_in_blocks;  /* not complete yet: each may hold a block that is not full */
};

static bool create_blocks(struct data_writer *writer, struct error *error)
{
    const struct data_writer_blocks *blocks = &writer->options.blocks;
    assert(blocks->block_bytes % DIRECT_IO_ALIGNMENT == 0);
    assert(blocks->files_maximum < blocks->count || blocks->count == 0);
    return blocks->count == 0 ||
           chunk_pool_create(&writer->blocks, blocks->count, blocks->block_bytes, error);
}

bool data_writer_create(struct data_writer **writer, const struct data_writer_options *options,
                        struct error *error)
{
    if (options->depth == 0)
        return error_set(error, ERROR_INTERNAL, "a writer needs a depth of at least 1");
    struct data_writer *created = memory_allocate(1, sizeof(*created));
    created->options = *options;
    writer_files_init(&created->files, options->folder, &options->outlet);
    created->sync_policy = (struct sync_policy){
        .method = options->sync,
        .is_file_system_trusted = folder_can_sync_at_once(options->folder),
    };
    created->rate_limit.bytes_per_second = options->bytes_per_second;
    if (!create_blocks(created, error)) {
        data_writer_free(created);
        return false;
    }
    *writer = created;
    return true;
}

void data_writer_free(struct data_writer *writer)
{
    if (!writer)
        return;
    writer_files_clear(&writer->files);
    chunk_pool_free(writer->blocks);
    free(writer);
}

size_t data_writer_count(const struct data_writer *writer)
{
    return writer->files.finished_count;
}

const struct data_file *data_writer_file(const struct data_writer *writer, size_t index)
{
    assert(index < writer->files.finished_count);
    return writer->files.finished[index];
}

/* Files: finished when nothing of them is left to do */

static void begin_sync(struct data_writer *writer, struct data_file_progress *progress)
{
    progress->is_sync_begun = true;
    progress->transfers++;
    transfers_begin(writer->transfers, &(struct transfer){
                                           .request = {.operation = IO_SYNC,
                                                       .fd = progress->descriptor,
                                                       .lent_file = progress->lent_file},
                                           .progress = progress,
                                       });
}

static bool finish_file(struct data_writer *writer, struct data_file_progress *progress,
                        struct error *error)
{
    transfers_take_back_file(writer->transfers, progress->lent_file);
    return writer_files_finish(&writer->files, progress, error);
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
    begin_sync(writer, progress);
    return true;
}

/* Results */

static void count_written(const struct data_writer *writer, const struct chunk *chunk)
{
    struct counters *counters = writer->options.counters;
    if (!counters)
        return;
    counter_add(&counters->stored_bytes_done, chunk->length_bytes);
    counter_add(&counters->raw_bytes_done, chunk->raw_length_bytes);
    counter_add(&counters->rows_done, chunk->rows);
}

static bool end_transfer(struct data_writer *writer, struct transfer *transfer, struct error *error)
{
    struct data_file_progress *progress = transfer->progress;
    if (transfer->chunk) {
        count_written(writer, transfer->chunk);
        chunk_give(transfer->chunk);
    }
    transfers_end(writer->transfers, transfer);
    progress->transfers--;
    return advance_file(writer, progress, error);
}

/* A sync that failed is final: the kernel reports a lost page once, and a second sync would
 * succeed. */
static bool take_sync(struct data_writer *writer, struct transfer *transfer, struct error *error)
{
    ssize_t result = transfer->request.result;
    if (result < 0)
        return writer_files_fail(&writer->files, transfer->progress->file, (int)-result, "sync",
                                 error);
    return end_transfer(writer, transfer, error);
}

/* What is left of a write, which no longer meets the rules of direct I/O. */
static void resume_write(struct data_writer *writer, struct transfer *transfer, size_t written)
{
    struct data_file_progress *progress = transfer->progress;
    if (progress->is_direct)
        direct_io_end(progress->descriptor);
    progress->is_direct = false;
    transfer->is_direct = false;
    transfers_resume(writer->transfers, transfer, written);
}

/* Some file systems take the flag, and refuse the writes. */
static bool must_be_written_again(const struct transfer *transfer)
{
    ssize_t result = transfer->request.result;
    return result == -EINTR || result == -EAGAIN || (result == -EINVAL && transfer->is_direct);
}

static bool take_write(struct data_writer *writer, struct transfer *transfer, struct error *error)
{
    const struct io_request *request = &transfer->request;
    if (must_be_written_again(transfer)) {
        resume_write(writer, transfer, 0);
        return true;
    }
    if (request->result <=
        0) /* no disk says why it takes nothing, but it would be asked for ever */
        return writer_files_fail(&writer->files, transfer->progress->file,
                                 request->result < 0 ? (int)-request->result : EIO, "write", error);
    if ((size_t)request->result < request->length_bytes) {
        resume_write(writer, transfer, (size_t)request->result);
        return true;
    }
    return end_transfer(writer, transfer, error);
}

static bool take_results(struct data_writer *writer, unsigned at_least, struct error *error)
{
    struct transfer **done;
    unsigned count;
    if (!transfers_exchange(writer->transfers, at_least, &done, &count, error))
        return false;
    for (unsigned i = 0; i < count; i++) {
        if (done[i]->chunk ? !take_write(writer, done[i], error)
                           : !take_sync(writer, done[i], error))
            return false;
    }
    return true;
}

/* Blocks: the frames of a large file, one after the other in long strides of whole pages, so that
 * they can go past the page cache */

/* Ends early with the run. Until then nothing is reaped and no frame taken, so that whoever fills
 * them waits as for a slow disk. */
static void keep_to_rate(struct data_writer *writer, size_t bytes)
{
    const struct cancel *cancel = writer->options.cancel;
    struct pollfd end = {.fd = cancel ? cancel_descriptor(cancel) : -1, .events = POLLIN};
    uint64_t now_us = clock_now_us();
    uint64_t until_us = now_us + rate_limit_spend(&writer->rate_limit, now_us, bytes);

    for (; now_us < until_us && !(end.revents & POLLIN); now_us = clock_now_us()) {
        uint64_t left_ms = (until_us - now_us + 999) / 1000;
        (void)poll(&end, 1, left_ms < INT_MAX ? (int)left_ms : INT_MAX);
    }
}

static void begin_write(struct data_writer *writer, struct data_file_progress *progress,
                        struct chunk *chunk, uint64_t offset_bytes)
{
    if (writer->options.bytes_per_second > 0)
        keep_to_rate(writer, chunk->length_bytes);
    progress->transfers++;
    transfers_begin(writer->transfers, &(struct transfer){
                                           .request = {.operation = IO_WRITE,
                                                       .fd = progress->descriptor,
                                                       .data = chunk->data,
                                                       .length_bytes = chunk->length_bytes,
                                                       .offset_bytes = offset_bytes,
                                                       .lent_file = progress->lent_file},
                                           .progress = progress,
                                           .chunk = chunk,
                                           .is_direct = progress->is_direct,
                                       });
}

/* Blocks that are being filled are fewer than there are blocks, so that when none is free, one is
 * on its way to the disk. */
static bool take_block(struct data_writer *writer, struct data_file_progress *progress,
                       struct error *error)
{
    while (!(progress->block = chunk_pool_try_take(writer->blocks))) {
        if (!take_results(writer, 1, error))
            return false;
    }
    return true;
}

/* The first full block tells that a file is large, the first that is not full is its end. Blocks of
 * the same file that are still on their way may then go through the page cache as well, which
 * changes nothing but their way. */
static void choose_way(struct data_writer *writer, struct data_file_progress *progress)
{
    bool is_full = progress->block->length_bytes == progress->block->capacity_bytes;
    if (is_full && progress->block_offset_bytes == 0) {
        progress->is_direct = direct_io_begin(progress->descriptor);
        progress->lent_file = transfers_lend_file(writer->transfers, progress->descriptor);
    }
    if (!is_full && progress->is_direct) {
        direct_io_end(progress->descriptor);
        progress->is_direct = false;
    }
}

static void send_block(struct data_writer *writer, struct data_file_progress *progress)
{
    struct chunk *block = progress->block;
    choose_way(writer, progress);
    progress->block = NULL;
    progress->block_offset_bytes += block->length_bytes;
    begin_write(writer, progress, block, progress->block_offset_bytes - block->length_bytes);
}

/* The block in which a frame ends counts its rows. */
static bool fill_blocks(struct data_writer *writer, struct data_file_progress *progress,
                        const struct chunk *frame, struct error *error)
{
    for (size_t done = 0; done < frame->length_bytes;) {
        if (!progress->block && !take_block(writer, progress, error))
            return false;
        struct chunk *block = progress->block;
        size_t room = block->capacity_bytes - block->length_bytes;
        size_t piece = frame->length_bytes - done < room ? frame->length_bytes - done : room;
        memcpy(block->data + block->length_bytes, frame->data + done, piece);
        block->length_bytes += piece;
        done += piece;
        if (done == frame->length_bytes) {
            block->raw_length_bytes += frame->raw_length_bytes;
            block->rows += frame->rows;
        }
        if (block->length_bytes == block->capacity_bytes)
            send_block(writer, progress);
    }
    return true;
}

/* A file of one frame goes as it is; one that turns out longer, in blocks if there are any for it.
 */
static void choose_blocks(struct data_writer *writer, struct data_file_progress *progress,
                          const struct chunk *frame)
{
    if (progress->file->frames.count > 0 || (frame->flags & CHUNK_LAST) ||
        writer->files_in_blocks == writer->options.blocks.files_maximum)
        return;
    progress->is_in_blocks = true;
    writer->files_in_blocks++;
}

static void end_blocks(struct data_writer *writer, struct data_file_progress *progress)
{
    if (!progress->is_in_blocks)
        return;
    if (progress->block)
        send_block(writer, progress);
    writer->files_in_blocks--;
}

/* Frames */

static bool write_frame(struct data_writer *writer, struct data_file_progress *progress,
                        struct chunk *frame, uint64_t offset_bytes, struct error *error)
{
    if (!progress->is_in_blocks) {
        begin_write(writer, progress, frame, offset_bytes);
        return true;
    }
    bool is_taken = fill_blocks(writer, progress, frame, error);
    chunk_give(frame);
    return is_taken;
}

/* Gives the frame its place: from here on only the disk decides when it is written. */
static bool place_frame(struct data_writer *writer, struct data_file_progress *progress,
                        struct chunk *frame, struct error *error)
{
    struct data_file *file = progress->file;
    uint64_t offset_bytes = file->size_bytes;
    bool is_last = (frame->flags & CHUNK_LAST) != 0;
    assert(!progress->is_complete);
    file->size_bytes += frame->length_bytes;
    file->raw_bytes += frame->raw_length_bytes;
    file->rows += frame->rows;
    if (frame->length_bytes == 0) {
        chunk_give(frame);
    } else {
        choose_blocks(writer, progress, frame);
        frame_index_add(&file->frames, frame->length_bytes, frame->raw_length_bytes);
        checksum_update(progress->checksum, frame->data, frame->length_bytes);
        if (!write_frame(writer, progress, frame, offset_bytes, error))
            return false;
    }
    if (is_last)
        end_blocks(writer, progress);
    progress->is_complete = is_last;
    return true;
}

static bool accept_frame(struct data_writer *writer, struct chunk *frame, struct error *error)
{
    struct data_file *file = frame->stream;
    if (!file->progress && !writer_files_begin(&writer->files, file, error))
        return false;
    struct data_file_progress *progress = file->progress;
    assert(progress->descriptor >= 0);
    reorder_put(progress->reorder, frame);
    while ((frame = reorder_take_next(progress->reorder)) != NULL) {
        if (!place_frame(writer, progress, frame, error))
            return false;
    }
    return advance_file(writer, progress, error);
}

static bool accept_what_is_there(struct data_writer *writer, struct error *error)
{
    void *frame;
    while (queue_try_pop(writer->options.frames, &frame)) {
        if (!accept_frame(writer, frame, error))
            return false;
    }
    return true;
}

/* A sync takes as long as the disk likes, and nobody waits for it but the end: while only syncs are
 * in flight, the frames of other files come first. */
static bool must_wait_for_engine(const struct data_writer *writer)
{
    return transfers_writing(writer->transfers) > 0 || transfers_are_waiting(writer->transfers);
}

/* What is still to be written or synced will be removed: a slow disk would only delay the end. What
 * is in flight cannot be taken back; closing the engine waits for it. */
static bool goes_on(const struct data_writer *writer, struct error *error)
{
    const struct cancel *cancel = writer->options.cancel;
    return !cancel || !cancel_is_set(cancel) ||
           error_set(error, ERROR_CANCELLED, "writing was cancelled");
}

static bool write_until_closed(struct data_writer *writer, struct error *error)
{
    for (;;) {
        void *frame;
        if (!goes_on(writer, error) || !accept_what_is_there(writer, error) ||
            !take_results(writer, must_wait_for_engine(writer) ? 1 : 0, error))
            return false;
        if (must_wait_for_engine(writer))
            continue;
        if (!queue_pop(writer->options.frames, &frame))
            return true;
        if (!accept_frame(writer, frame, error))
            return false;
    }
}

static bool await_syncs(struct data_writer *writer, struct error *error)
{
    while (!transfers_are_idle(writer->transfers)) {
        if (!goes_on(writer, error) || !take_results(writer, 1, error))
            return false;
    }
    return true;
}

static bool check_all_finished(const struct data_writer *writer, struct error *error)
{
    if (writer->files.begun_count == 0)
        return true;
    return goes_on(writer, error) &&
           error_set(error, ERROR_INTERNAL, "the end of file \"%s\" never came",
                     writer->files.begun[0]->file->name);
}

static bool sync_the_rest(struct data_writer *writer, struct error *error)
{
    return !writer->sync_policy.owes_file_system ||
           folder_sync_at_once(writer->options.folder, error);
}

/* Large files are written from these, over and over. */
static void lend_blocks(struct data_writer *writer)
{
    unsigned count = writer->options.blocks.count;

    if (count == 0)
        return;
    struct iovec *buffers = memory_allocate(count, sizeof(*buffers));
    chunk_pool_list_buffers(writer->blocks, buffers);
    transfers_lend_buffers(writer->transfers, buffers, count);
    free(buffers);
}

bool data_writer_work(struct data_writer *writer, struct error *error)
{
    if (!transfers_open(&writer->transfers, writer->options.engine, writer->options.depth, error))
        return false;
    lend_blocks(writer);
    bool is_done = write_until_closed(writer, error) && await_syncs(writer, error) &&
                   check_all_finished(writer, error) && sync_the_rest(writer, error);
    transfers_close(writer->transfers);
    writer->transfers = NULL;
    return is_done;
}
