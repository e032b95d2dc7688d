#include "engine/base/memory.h"
#include "io/io_engine.h"
#include "io/io_perform.h"

#include <assert.h>
#include <stdlib.h>

/* Submitting does the work; reaping only hands over what is done, in the order of submission. */
struct io_engine {
    unsigned depth;
    unsigned first; /* index of the oldest request that was done and not reaped */
    unsigned count;
    struct io_request *done[];
};

static bool sync_open(struct io_engine **engine, unsigned depth, struct error *error)
{
    (void)error;
    assert(depth > 0);
    *engine = memory_allocate(1, sizeof **engine + depth * sizeof(struct io_request *));
    (*engine)->depth = depth;
    return true;
}

static bool sync_submit(struct io_engine *engine, struct io_request **requests, unsigned count,
                        struct error *error)
{
    (void)error;
    for (unsigned i = 0; i < count; i++) {
        assert(engine->count < engine->depth);
        io_perform(requests[i]);
        engine->done[(engine->first + engine->count++) % engine->depth] = requests[i];
    }
    return true;
}

static bool sync_reap(struct io_engine *engine, unsigned at_least, struct io_request **done,
                      unsigned room, unsigned *count, struct error *error)
{
    (void)error;
    assert(at_least <= engine->count && at_least <= room);
    for (*count = 0; *count < room && engine->count > 0; engine->count--) {
        done[(*count)++] = engine->done[engine->first];
        engine->first = (engine->first + 1) % engine->depth;
    }
    return true;
}

static void sync_close(struct io_engine *engine)
{
    free(engine);
}

const struct io_engine_ops io_engine_sync = {
    .name = "sync",
    .open = sync_open,
    .submit = sync_submit,
    .reap = sync_reap,
    .close = sync_close,
};
