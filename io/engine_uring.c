#include "engine/base/fault.h"
#include "engine/base/memory.h"
#include "io/done_list.h"
#include "io/io_engine.h"
#include "io/io_perform.h"
#include "io/uring_files.h"

#include <assert.h>
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The ring counts bytes with 32 bits. A shorter count is an ordinary result, so large requests are
 * just cut. */
#define REQUEST_BYTES_MAXIMUM ((size_t)1 << 30)

/* How often, and how far apart, submission is tried again while the kernel lacks memory and nothing
 * is in flight whose end could free some. */
#define STARVED_TRIES 2000
#define STARVED_PAUSE_NS 1000000

struct io_engine {
    struct io_uring ring;
    struct done_list done_at_once;
    unsigned depth;
    unsigned in_flight;    /* in the ring; some may still wait in the submission queue */
    unsigned tries_failed; /* in a row, starved */
    struct iovec *buffers; /* that the kernel knows, by address */
    unsigned buffer_count;
    struct uring_files files;
};

static bool ring_can(struct io_uring *ring, int operation)
{
    struct io_uring_probe *probe = io_uring_get_probe_ring(ring);

    if (probe == NULL)
        return false;
    bool is_supported = io_uring_opcode_supported(probe, operation);
    io_uring_free_probe(probe);
    return is_supported;
}

/* Forbidden by seccomp or sysctl, unknown to the kernel, or beyond the limit of locked memory. */
static bool is_refusal(int os_errno)
{
    return os_errno == EPERM || os_errno == EACCES || os_errno == ENOSYS || os_errno == ENOMEM;
}

static bool fail_open(int os_errno, struct error *error)
{
    error_set_os(error, os_errno, "could not set up io_uring");
    if (is_refusal(os_errno))
        error->kind = ERROR_UNSUPPORTED;
    return false;
}

static bool uring_open(struct io_engine **engine, unsigned depth, struct error *error)
{
    assert(depth > 0);

    struct io_engine *opened = memory_allocate(1, sizeof *opened);
    opened->depth = depth;
    int result = FAULT_OR("uring.open", -errno, io_uring_queue_init(depth, &opened->ring, 0));
    if (result < 0) {
        free(opened);
        return fail_open(-result, error);
    }
    if (!ring_can(&opened->ring, IORING_OP_READ) || !ring_can(&opened->ring, IORING_OP_WRITE)) {
        io_uring_queue_exit(&opened->ring);
        free(opened);
        return error_set(error, ERROR_UNSUPPORTED,
                         "could not set up io_uring: the kernel is older than 5.6");
    }
    done_list_init(&opened->done_at_once, depth);
    uring_files_init(&opened->files, &opened->ring);
    *engine = opened;
    return true;
}

static int compare_buffers(const void *left, const void *right)
{
    const struct iovec *a = left, *b = right;

    return (a->iov_base > b->iov_base) - (a->iov_base < b->iov_base);
}

/* Fixed buffers cost locked memory, of which an ordinary user has little (RLIMIT_MEMLOCK). */
static void uring_lend_buffers(struct io_engine *engine, const struct iovec *buffers,
                               unsigned count)
{
    assert(engine->in_flight == 0);
    if (engine->buffer_count > 0)
        io_uring_unregister_buffers(&engine->ring);
    free(engine->buffers);
    engine->buffers = memory_allocate(count, sizeof(struct iovec));
    memcpy(engine->buffers, buffers, count * sizeof(struct iovec));
    qsort(engine->buffers, count, sizeof(struct iovec), compare_buffers);

    int result = FAULT_OR("uring.lend_buffers", -errno,
                          io_uring_register_buffers(&engine->ring, engine->buffers, count));

    engine->buffer_count = result == 0 ? count : 0;
}

static int compare_with_buffer(const void *address, const void *element)
{
    const struct iovec *buffer = element;
    const unsigned char *begin = buffer->iov_base, *at = address;

    return at < begin ? -1 : at >= begin + buffer->iov_len;
}

/* -1: in none of those that the kernel knows. */
static int find_buffer(const struct io_engine *engine, const void *data, size_t length)
{
    if (engine->buffer_count == 0)
        return -1;

    const struct iovec *found = bsearch(data, engine->buffers, engine->buffer_count,
                                        sizeof(struct iovec), compare_with_buffer);
    bool is_inside = found != NULL && length <= found->iov_len - (size_t)((const char *)data -
                                                                          (char *)found->iov_base);

    return is_inside ? (int)(found - engine->buffers) : -1;
}

static unsigned uring_lend_file(struct io_engine *engine, int fd)
{
    return uring_files_add(&engine->files, fd);
}

static void uring_take_back_file(struct io_engine *engine, unsigned lent_file)
{
    uring_files_remove(&engine->files, lent_file);
}

static void prepare_write(const struct io_engine *engine, struct io_uring_sqe *entry,
                          const struct io_request *request, unsigned length)
{
    int buffer = find_buffer(engine, request->data, length);

    if (buffer >= 0)
        io_uring_prep_write_fixed(entry, request->fd, request->data, length, request->offset_bytes,
                                  buffer);
    else
        io_uring_prep_write(entry, request->fd, request->data, length, request->offset_bytes);
}

static void prepare(const struct io_engine *engine, struct io_uring_sqe *entry,
                    struct io_request *request)
{
    unsigned length = request->length_bytes > REQUEST_BYTES_MAXIMUM
                          ? (unsigned)REQUEST_BYTES_MAXIMUM
                          : (unsigned)request->length_bytes;

    switch (request->operation) {
    case IO_READ:
        io_uring_prep_read(entry, request->fd, request->data, FAULT_LENGTH("io.read_short", length),
                           request->offset_bytes);
        break;
    case IO_WRITE:
        prepare_write(engine, entry, request, FAULT_LENGTH("io.write_short", length));
        break;
    case IO_SYNC:
        io_uring_prep_fsync(entry, request->fd, 0);
        break;
    }
    uring_files_prepare(&engine->files, request, entry);
    io_uring_sqe_set_data(entry, request);
}

static unsigned count_in_kernel(struct io_engine *engine)
{
    return engine->in_flight - io_uring_sq_ready(&engine->ring);
}

/* For want of memory the kernel may refuse a request for now. */
static bool is_starved(int result)
{
    return result == -EAGAIN || result == -EBUSY;
}

/* Sends what it can; what the kernel cannot take now stays in the queue for the next reap. */
static bool send_waiting(struct io_engine *engine, struct error *error)
{
    while (io_uring_sq_ready(&engine->ring) > 0) {
        int result = io_uring_submit(&engine->ring);
        if (result == 0 || is_starved(result))
            return true;
        if (result < 0 && result != -EINTR)
            return error_set_os(error, -result, "io_uring failed");
    }
    return true;
}

/* The end of what is in flight frees memory; when nothing is in flight, time may help. */
static bool wait_while_starved(struct io_engine *engine, struct error *error)
{
    struct io_uring_cqe *ignored;

    if (count_in_kernel(engine) > 0) {
        int result = io_uring_wait_cqe(&engine->ring, &ignored);
        if (result < 0 && result != -EINTR && !is_starved(result))
            return error_set_os(error, -result, "io_uring failed");
        return true;
    }
    if (++engine->tries_failed > STARVED_TRIES)
        return error_set(error, ERROR_RESOURCE, "io_uring failed: the kernel has no memory for it");
    nanosleep(&(struct timespec){.tv_nsec = STARVED_PAUSE_NS}, NULL);
    return true;
}

/* Called when no completion has come. True does not promise that one has now: the caller looks
 * again. */
static bool wait_for_completions(struct io_engine *engine, unsigned count, struct error *error)
{
    int result = io_uring_submit_and_wait(&engine->ring, count);

    if (is_starved(result))
        return wait_while_starved(engine, error);
    if (result < 0 && result != -EINTR)
        return error_set_os(error, -result, "io_uring failed");
    engine->tries_failed = 0;
    return true;
}

static bool uring_submit(struct io_engine *engine, struct io_request **requests, unsigned count,
                         struct error *error)
{
    for (unsigned i = 0; i < count; i++) {
        assert(engine->in_flight + engine->done_at_once.count < engine->depth);
        if (io_perform_cheap(requests[i], &engine->done_at_once))
            continue;
        /* The queue has room for all that may be in flight, so there is always an entry. */
        struct io_uring_sqe *entry = io_uring_get_sqe(&engine->ring);
        assert(entry != NULL);
        prepare(engine, entry, requests[i]);
        engine->in_flight++;
    }
    return send_waiting(engine, error);
}

static struct io_request *take_completion(struct io_engine *engine)
{
    struct io_uring_cqe *completion;

    if (io_uring_peek_cqe(&engine->ring, &completion) != 0)
        return NULL;
    struct io_request *request = io_uring_cqe_get_data(completion);
    request->result = io_result(request->operation, completion->res);
    io_uring_cqe_seen(&engine->ring, completion);
    engine->in_flight--;

    /* Rare, and no fault of the file's: done again at leisure, where waiting is possible. */
    if (request->result == -EINTR || request->result == -EAGAIN)
        io_perform(request);
    return request;
}

static bool uring_reap(struct io_engine *engine, unsigned at_least, struct io_request **done,
                       unsigned room, unsigned *count, struct error *error)
{
    assert(at_least <= engine->in_flight + engine->done_at_once.count && at_least <= room);
    if (!send_waiting(engine, error))
        return false;
    for (*count = done_list_take(&engine->done_at_once, done, room); *count < room;) {
        struct io_request *request = take_completion(engine);
        if (request != NULL)
            done[(*count)++] = request;
        else if (*count >= at_least)
            break;
        else if (!wait_for_completions(engine, at_least - *count, error))
            return false;
    }
    return true;
}

/* The kernel may write into the issuer's buffers until the last completion has come. */
static void uring_close(struct io_engine *engine)
{
    struct error ignored;

    if (engine == NULL)
        return;
    while (engine->in_flight > 0)
        if (take_completion(engine) == NULL && !wait_for_completions(engine, 1, &ignored))
            break;
    uring_files_clear(&engine->files);
    io_uring_queue_exit(&engine->ring);
    done_list_clear(&engine->done_at_once);
    free(engine->buffers);
    free(engine);
}

const struct io_engine_ops io_engine_uring = {
    .name = "uring",
    .open = uring_open,
    .submit = uring_submit,
    .reap = uring_reap,
    .close = uring_close,
    .lend_buffers = uring_lend_buffers,
    .lend_file = uring_lend_file,
    .take_back_file = uring_take_back_file,
};
