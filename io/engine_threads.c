#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/base/queue.h"
#include "io/done_list.h"
#include "io/io_engine.h"
#include "io/io_perform.h"

#include <assert.h>
#include <stdlib.h>

/* Enough to keep a disk busy while one thread waits for it; more would only compete for the page
 * cache's locks. */
#define THREADS 4

struct io_engine {
    struct queue *pending;
    struct queue *done;
    struct crew *crew;
    struct done_list done_at_once; /* the issuer's thread's alone, as the numbers below */
    unsigned depth;
    unsigned in_flight; /* with the threads */
};

/* Both queues hold `depth` requests, so that neither side ever waits for room. */
static void work(void *context, unsigned index)
{
    struct io_engine *engine = context;
    void *item;

    (void)index;
    while (queue_pop(engine->pending, &item)) {
        io_perform(item);
        if (!queue_push(engine->done, item))
            assert(!"the queue of done requests is never closed");
    }
}

static void abandon(void *context)
{
    struct io_engine *engine = context;

    queue_close(engine->pending);
}

static void threads_close(struct io_engine *engine)
{
    if (engine == NULL)
        return;
    queue_close(engine->pending);
    crew_join(engine->crew);
    queue_free(engine->done);
    queue_free(engine->pending);
    done_list_clear(&engine->done_at_once);
    free(engine);
}

static bool threads_open(struct io_engine **engine, unsigned depth, struct error *error)
{
    assert(depth > 0);

    struct io_engine *opened = memory_allocate(1, sizeof *opened);
    opened->depth = depth;
    opened->pending = queue_create(depth);
    opened->done = queue_create(depth);
    done_list_init(&opened->done_at_once, depth);
    if (!crew_start(&opened->crew, "pgf-file", depth < THREADS ? depth : THREADS, work, abandon,
                    opened, error)) {
        threads_close(opened);
        return false;
    }
    *engine = opened;
    return true;
}

static bool threads_submit(struct io_engine *engine, struct io_request **requests, unsigned count,
                           struct error *error)
{
    for (unsigned i = 0; i < count; i++) {
        assert(engine->in_flight + engine->done_at_once.count < engine->depth);
        if (io_perform_cheap(requests[i], &engine->done_at_once))
            continue;
        if (!queue_push(engine->pending, requests[i]))
            return error_set(error, ERROR_INTERNAL, "the file threads have ended");
        engine->in_flight++;
    }
    return true;
}

static bool threads_reap(struct io_engine *engine, unsigned at_least, struct io_request **done,
                         unsigned room, unsigned *count, struct error *error)
{
    void *item;

    assert(at_least <= engine->in_flight + engine->done_at_once.count && at_least <= room);
    for (*count = done_list_take(&engine->done_at_once, done, room); *count < room; (*count)++) {
        if (*count < at_least) {
            if (!queue_pop(engine->done, &item))
                return error_set(error, ERROR_INTERNAL, "the file threads have ended");
        } else if (!queue_try_pop(engine->done, &item)) {
            break;
        }
        done[*count] = item;
        engine->in_flight--;
    }
    return true;
}

const struct io_engine_ops io_engine_threads = {
    .name = "threads",
    .open = threads_open,
    .submit = threads_submit,
    .reap = threads_reap,
    .close = threads_close,
};
