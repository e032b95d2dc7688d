#include "engine/dump/copy_task.h"

#include "engine/dump/copy_blobs.h"
#include "engine/dump/copy_table.h"

void copy_task_announce(const struct copy_task *task, struct watch *watch)
{
    if (task->kind == COPY_BLOBS)
        event_emit(watch->events, EVENT_DETAIL, "dumping %zu large objects from %u",
                   task->oid_count, task->oids[0]);
    else
        event_emit(watch->events, EVENT_DETAIL, "dumping table %s into %s", task->relation->name,
                   copy_task_file_name(task));
}

bool copy_task_run(const struct copy_place *place, const struct copy_task *task,
                   struct watch *watch, size_t *done, struct error *error)
{
    *done = 0;
    copy_task_announce(task, watch);
    return task->kind == COPY_BLOBS ? copy_blobs(place, task, done, error)
                                    : copy_table(place, task, error);
}

const struct copy_task *copy_task_rest(struct arena *arena, const struct copy_task *task,
                                       size_t done)
{
    struct copy_task *rest = arena_allocate(arena, 1, sizeof(*rest));

    *rest = *task;
    rest->oids += done;
    rest->oid_count -= done;
    return rest;
}
