/* Reads what one task of the plan says, whatever kind of task it is. */
#ifndef PGFAST_DUMP_COPY_TASK_H
#define PGFAST_DUMP_COPY_TASK_H

#include "engine/dump/copy_place.h"
#include "engine/dump/plan.h"

/* *done: of a task of large objects, how many are read to their end, also where it fails. */
bool copy_task_run(const struct copy_place *place, const struct copy_task *task,
                   struct watch *watch, size_t *done, struct error *error) MUST_CHECK;
void copy_task_announce(const struct copy_task *task, struct watch *watch);

/* What is left of a task of large objects after the first `done` of them. */
const struct copy_task *copy_task_rest(struct arena *arena, const struct copy_task *task,
                                       size_t done);

#endif
