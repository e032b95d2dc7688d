/* The end of a run, told to everyone: a flag, a descriptor to poll, and the queues to close. Set
 * once, never cleared. Any thread may set it; a signal handler may not, since it takes a mutex. */
#ifndef PGFAST_FLOW_CANCEL_H
#define PGFAST_FLOW_CANCEL_H

#include "engine/base/error.h"

#include <stdbool.h>

struct cancel;
struct queue;
struct chunk_pool;

bool cancel_create(struct cancel **cancel, struct error *error) MUST_CHECK;
void cancel_free(struct cancel *cancel); /* accepts NULL */

/* Registered things are closed by cancel_set, at once if that has happened already. They must
 * outlive the cancel, or be forgotten in time. */
void cancel_closes_queue(struct cancel *cancel, struct queue *queue);
void cancel_closes_pool(struct cancel *cancel, struct chunk_pool *pool);

/* Before registered things are freed, where the cancel lives longer than they do. */
void cancel_forget_all(struct cancel *cancel);

void cancel_set(struct cancel *cancel);
bool cancel_is_set(const struct cancel *cancel);
int cancel_descriptor(const struct cancel *cancel); /* becomes readable, and stays so */

#endif
