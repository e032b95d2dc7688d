/* One of the sessions that read a dump's rows. What is wrong with the session only, it mends
 * itself: a lost connection or a cancelled statement costs what was being read just then, which is
 * read again, on the same snapshot, into another file. */
#ifndef PGFAST_DUMP_WORKER_H
#define PGFAST_DUMP_WORKER_H

#include "engine/base/queue.h"
#include "engine/dump/workers.h"

/* The whole life of worker `index`, on its own thread: until the inbox, of struct wave *, is closed
 * and empty. Failures are outcomes; what cannot be mended cancels the run at once, wherever the
 * coordinator is. */
void worker_work(const struct workers_options *options, unsigned index, struct queue *inbox);

#endif
