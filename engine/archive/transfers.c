#include "engine/archive/transfers.h"

#include "engine/base/arena.h"
#include "engine/base/memory.h"

#include <assert.h>
#include <stdlib.h>

struct transfers {
    const struct io_engine_ops *ops;
    struct io_engine *engine;
    struct arena *arena; /* of all transfers ever needed at a time */
    struct transfer *unused;
    struct transfer *first_waiting;
    struct transfer *last_waiting;
    unsigned depth;
    unsigned in_flight;
    unsigned writing;
    struct io_request **batch; /* of depth */
    struct transfer **done;    /* of depth */
};

bool transfers_open(struct transfers **transfers, const struct io_engine_ops *ops, unsigned depth,
                    struct error *error)
{
    struct io_engine *engine;
    if (!ops->open(&engine, depth, error))
        return false;
    *transfers = memory_allocate(1, sizeof(**transfers));
    **transfers = (struct transfers){
        .ops = ops,
        .engine = engine,
        .arena = arena_create(),
        .depth = depth,
        .batch = memory_allocate(depth, sizeof(struct io_request *)),
        .done = memory_allocate(depth, sizeof(struct transfer *)),
    };
    return true;
}

void transfers_close(struct transfers *transfers)
{
    if (!transfers)
        return;
    transfers->ops->close(transfers->engine);
    free(transfers->done);
    free(transfers->batch);
    arena_free(transfers->arena);
    free(transfers);
}

void transfers_lend_buffers(struct transfers *transfers, const struct iovec *buffers,
                            unsigned count)
{
    if (transfers->ops->lend_buffers)
        transfers->ops->lend_buffers(transfers->engine, buffers, count);
}

unsigned transfers_lend_file(struct transfers *transfers, int descriptor)
{
    return transfers->ops->lend_file ? transfers->ops->lend_file(transfers->engine, descriptor) : 0;
}

void transfers_take_back_file(struct transfers *transfers, unsigned lent_file)
{
    if (lent_file > 0)
        transfers->ops->take_back_file(transfers->engine, lent_file);
}

static struct transfer *take_unused(struct transfers *transfers)
{
    struct transfer *transfer = transfers->unused;
    if (!transfer)
        return arena_allocate(transfers->arena, 1, sizeof(*transfer));
    transfers->unused = transfer->next;
    return transfer;
}

static void add_waiting(struct transfers *transfers, struct transfer *transfer)
{
    transfer->next = NULL;
    if (transfers->first_waiting)
        transfers->last_waiting->next = transfer;
    else
        transfers->first_waiting = transfer;
    transfers->last_waiting = transfer;
}

void transfers_begin(struct transfers *transfers, const struct transfer *template)
{
    struct transfer *transfer = take_unused(transfers);
    *transfer = *template;
    transfer->request.owner = transfer;
    transfers->writing += transfer->chunk ? 1 : 0;
    add_waiting(transfers, transfer);
}

void transfers_resume(struct transfers *transfers, struct transfer *transfer, size_t written)
{
    struct io_request *request = &transfer->request;
    assert(written < request->length_bytes);
    request->data = (unsigned char *)request->data + written;
    request->length_bytes -= written;
    request->offset_bytes += written;
    add_waiting(transfers, transfer);
}

void transfers_end(struct transfers *transfers, struct transfer *transfer)
{
    transfers->writing -= transfer->chunk ? 1 : 0;
    transfer->next = transfers->unused;
    transfers->unused = transfer;
}

static bool submit(struct transfers *transfers, struct error *error)
{
    unsigned count = 0;
    while (transfers->first_waiting && transfers->in_flight + count < transfers->depth) {
        transfers->batch[count++] = &transfers->first_waiting->request;
        transfers->first_waiting = transfers->first_waiting->next;
    }
    transfers->in_flight += count;
    return count == 0 || transfers->ops->submit(transfers->engine, transfers->batch, count, error);
}

bool transfers_exchange(struct transfers *transfers, unsigned at_least, struct transfer ***done,
                        unsigned *count, struct error *error)
{
    *count = 0;
    *done = transfers->done;
    if (!submit(transfers, error))
        return false;
    if (transfers->in_flight == 0)
        return true;
    if (!transfers->ops->reap(transfers->engine, at_least, transfers->batch, transfers->depth,
                              count, error))
        return false;
    transfers->in_flight -= *count;
    for (unsigned i = 0; i < *count; i++)
        transfers->done[i] = transfers->batch[i]->owner;
    return true;
}

unsigned transfers_writing(const struct transfers *transfers)
{
    return transfers->writing;
}

bool transfers_are_waiting(const struct transfers *transfers)
{
    return transfers->first_waiting != NULL;
}

bool transfers_are_idle(const struct transfers *transfers)
{
    return transfers->in_flight == 0 && !transfers->first_waiting;
}
