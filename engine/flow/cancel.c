#include "engine/flow/cancel.h"

#include "engine/base/memory.h"
#include "engine/base/queue.h"
#include "engine/flow/chunk_pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* The mutex makes "closed at once if that has happened already" true: without it, a queue
 * registered while cancel_set walks the lists could be missed by both. It is never held by anyone
 * who holds a queue's mutex. */
struct cancel {
    atomic_bool is_set;
    int descriptor;
    pthread_mutex_t mutex;
    struct queue **queues;
    unsigned queue_count;
    struct chunk_pool **pools;
    unsigned pool_count;
};

bool cancel_create(struct cancel **cancel, struct error *error)
{
    int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor < 0)
        return error_set_os(error, errno, "could not create an event descriptor");

    struct cancel *made = memory_allocate(1, sizeof *made);
    made->descriptor = descriptor;
    pthread_mutex_init(&made->mutex, NULL);
    *cancel = made;
    return true;
}

void cancel_free(struct cancel *cancel)
{
    if (cancel == NULL)
        return;
    pthread_mutex_destroy(&cancel->mutex);
    close(cancel->descriptor);
    free(cancel->queues);
    free(cancel->pools);
    free(cancel);
}

void cancel_closes_queue(struct cancel *cancel, struct queue *queue)
{
    pthread_mutex_lock(&cancel->mutex);
    cancel->queues = memory_resize(cancel->queues, cancel->queue_count + 1, sizeof(struct queue *));
    cancel->queues[cancel->queue_count++] = queue;
    if (cancel_is_set(cancel))
        queue_close(queue);
    pthread_mutex_unlock(&cancel->mutex);
}

void cancel_closes_pool(struct cancel *cancel, struct chunk_pool *pool)
{
    pthread_mutex_lock(&cancel->mutex);
    cancel->pools =
        memory_resize(cancel->pools, cancel->pool_count + 1, sizeof(struct chunk_pool *));
    cancel->pools[cancel->pool_count++] = pool;
    if (cancel_is_set(cancel))
        chunk_pool_close(pool);
    pthread_mutex_unlock(&cancel->mutex);
}

void cancel_forget_all(struct cancel *cancel)
{
    pthread_mutex_lock(&cancel->mutex);
    cancel->queue_count = 0;
    cancel->pool_count = 0;
    pthread_mutex_unlock(&cancel->mutex);
}

void cancel_set(struct cancel *cancel)
{
    pthread_mutex_lock(&cancel->mutex);
    if (!atomic_exchange(&cancel->is_set, true)) {
        /* Nobody reads the descriptor, so that it stays readable for all who poll it; one write
         * cannot fill it. */
        ssize_t written = write(cancel->descriptor, &(uint64_t){1}, sizeof(uint64_t));
        assert(written == sizeof(uint64_t));
        (void)written;
        for (unsigned i = 0; i < cancel->queue_count; i++)
            queue_close(cancel->queues[i]);
        for (unsigned i = 0; i < cancel->pool_count; i++)
            chunk_pool_close(cancel->pools[i]);
    }
    pthread_mutex_unlock(&cancel->mutex);
}

bool cancel_is_set(const struct cancel *cancel)
{
    return atomic_load(&cancel->is_set);
}

int cancel_descriptor(const struct cancel *cancel)
{
    return cancel->descriptor;
}
