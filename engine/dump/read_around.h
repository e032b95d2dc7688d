/* Reads a piece of a table around what cannot be read of it: the rows before it, and those behind,
 * by as many COPYs as that takes, into one file. Each row that no COPY carries, and each block that
 * the server cannot read, is a loss by name. Where blocks cannot be chosen (before server 14, by a
 * key, under a condition), all that comes behind the first such row is one. A large object is lost
 * as a whole: it is empty in the archive. */
#ifndef PGFAST_DUMP_READ_AROUND_H
#define PGFAST_DUMP_READ_AROUND_H

#include "engine/dump/copy_place.h"
#include "engine/dump/losses.h"
#include "engine/dump/plan.h"

/* Within a transaction, where a savepoint may be set. False for everything that is no loss; then
 * the losses mean nothing. *done: as copy_task_run. */
bool read_around(const struct copy_place *place, const struct copy_task *task,
                 struct losses *losses, size_t *done, struct error *error) MUST_CHECK;

#endif
