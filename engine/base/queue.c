#include "engine/base/queue.h"

#include "engine/base/clock.h"
#include "engine/base/memory.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t has_item;
    pthread_cond_t has_room;
    size_t capacity;
    size_t first; /* index of the oldest item */
    size_t count;
    bool is_closed;
    void *items[];
};

/* Waits must not bend with the wall clock. */
static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* These with the mutex held. */
static void add_latest(struct queue *queue, void *item)
{
    queue->items[(queue->first + queue->count) % queue->capacity] = item;
    queue->count++;
    pthread_cond_signal(&queue->has_item);
}

static bool take_oldest(struct queue *queue, void **item)
{
    if (queue->count == 0)
        return false;
    *item = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    pthread_cond_signal(&queue->has_room);
    return true;
}

struct queue *queue_create(size_t capacity)
{
    assert(capacity > 0);
    assert(capacity < ((size_t)1 << 32));

    struct queue *queue = memory_allocate(1, sizeof *queue + capacity * sizeof queue->items[0]);
    queue->capacity = capacity;
    pthread_mutex_init(&queue->mutex, NULL);
    init_condition(&queue->has_item);
    init_condition(&queue->has_room);
    return queue;
}

void queue_free(struct queue *queue)
{
    if (queue == NULL)
        return;
    pthread_cond_destroy(&queue->has_room);
    pthread_cond_destroy(&queue->has_item);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

bool queue_push(struct queue *queue, void *item)
{
    pthread_mutex_lock(&queue->mutex);
    while (queue->count == queue->capacity && !queue->is_closed)
        pthread_cond_wait(&queue->has_room, &queue->mutex);
    bool is_open = !queue->is_closed;
    if (is_open)
        add_latest(queue, item);
    pthread_mutex_unlock(&queue->mutex);
    return is_open;
}

bool queue_try_push(struct queue *queue, void *item)
{
    pthread_mutex_lock(&queue->mutex);
    bool has_room = queue->count < queue->capacity && !queue->is_closed;
    if (has_room)
        add_latest(queue, item);
    pthread_mutex_unlock(&queue->mutex);
    return has_room;
}

bool queue_pop(struct queue *queue, void **item)
{
    pthread_mutex_lock(&queue->mutex);
    while (queue->count == 0 && !queue->is_closed)
        pthread_cond_wait(&queue->has_item, &queue->mutex);
    bool has_item = take_oldest(queue, item);
    pthread_mutex_unlock(&queue->mutex);
    return has_item;
}

bool queue_try_pop(struct queue *queue, void **item)
{
    pthread_mutex_lock(&queue->mutex);
    bool has_item = take_oldest(queue, item);
    pthread_mutex_unlock(&queue->mutex);
    return has_item;
}

bool queue_pop_wait(struct queue *queue, void **item, int timeout_ms, bool *is_open)
{
    struct timespec deadline = clock_deadline(timeout_ms);
    int waited = 0;

    pthread_mutex_lock(&queue->mutex);
    while (queue->count == 0 && !queue->is_closed && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&queue->has_item, &queue->mutex, &deadline);
    bool has_item = take_oldest(queue, item);
    *is_open = has_item || !queue->is_closed;
    pthread_mutex_unlock(&queue->mutex);
    return has_item;
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->is_closed = true;
    pthread_cond_broadcast(&queue->has_item);
    pthread_cond_broadcast(&queue->has_room);
    pthread_mutex_unlock(&queue->mutex);
}
