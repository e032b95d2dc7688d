#include "engine/base/memory.h"
#include "io/done_list.h"
#include "io/io_engine.h"
#include "io/io_perform.h"

#include <assert.h>
#include <stdlib.h>

/* Submitting does the work; reaping only hands over what is done, in the order of submission. */
struct io_engine {
    struct done_list done;
};

static bool sync_open(struct io_engine **engine, unsigned depth, struct error *error)
{
    (void)error;
    assert(depth > 0);
    *engine = memory_allocate(1, sizeof **engine);
    done_list_init(&(*engine)->done, depth);
    return true;
}

static bool sync_submit(struct io_engine *engine, struct io_request **requests, unsigned count,
                        struct error *error)
{
    (void)error;
    for (unsigned i = 0; i < count; i++) {
        io_perform(requests[i]);
        done_list_put(&engine->done, requests[i]);
    }
    return true;
}

static bool sync_reap(struct io_engine *engine, unsigned at_least, struct io_request **done,
                      unsigned room, unsigned *count, struct error *error)
{
    (void)error;
    assert(at_least <= engine->done.count && at_least <= room);
    *count = done_list_take(&engine->done, done, room);
    return true;
}

static void sync_close(struct io_engine *engine)
{
    if (engine == NULL)
        return;
    done_list_clear(&engine->done);
    free(engine);
}

const struct io_engine_ops io_engine_sync = {
    .name = "sync",
    .open = sync_open,
    .submit = sync_submit,
    .reap = sync_reap,
    .close = sync_close,
};
