/* Tasks that a worker reads in one transaction and, where they are plain tables, in one round trip.
 * Pure. */
#ifndef PGFAST_DUMP_BATCHES_H
#define PGFAST_DUMP_BATCHES_H

#include "engine/dump/plan.h"

struct copy_batch {
    const struct copy_task *tasks; /* neighbours in the plan, at least one */
    size_t count;
};

struct copy_batches {
    struct copy_batch *items; /* in the arena */
    size_t count;
};

/* Of tasks in the order in which they shall be read: small tables share a batch, but there remain
 * enough batches to keep `workers` busy to the end; everything else has one of its own. */
struct copy_batches batches_make(struct arena *arena, const struct copy_task *tasks, size_t count,
                                 unsigned workers);

#endif
