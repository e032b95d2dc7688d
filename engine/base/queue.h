/* A bounded queue of pointers for any number of threads; the popper owns what it gets.
 * queue_close() wakes everyone: push fails from then on (the pusher keeps its pointer), pop drains
 * what is left and then fails. */
#ifndef PGFAST_BASE_QUEUE_H
#define PGFAST_BASE_QUEUE_H

#include "engine/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct queue;

struct queue *queue_create(size_t capacity);
void queue_free(struct queue *queue); /* accepts NULL; what still lies in it is not touched */
bool queue_push(struct queue *queue, void *item) MUST_CHECK; /* blocks while full; false: closed */
bool queue_try_push(struct queue *queue, void *item) MUST_CHECK; /* false: full now, or closed */
bool queue_pop(struct queue *queue,
               void **item) MUST_CHECK; /* blocks while empty; false: closed and drained */
bool queue_try_pop(struct queue *queue, void **item) MUST_CHECK; /* false: nothing there now */

/* As queue_pop, but gives up after timeout_ms; *is_open tells an empty queue from a finished one.
 */
bool queue_pop_wait(struct queue *queue, void **item, int timeout_ms, bool *is_open) MUST_CHECK;
void queue_close(struct queue *queue);

#endif
