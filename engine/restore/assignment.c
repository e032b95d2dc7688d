#include "engine/restore/assignment.h"

#include "engine/base/memory.h"
#include "engine/restore/batch.h"

#include <stdlib.h>

/* A step of more bytes takes long enough to be worth a transaction and round trips of its own. */
enum { SMALL_STORED_BYTES = 64 * 1024, MOST_STORED_BYTES = 1024 * 1024 };

/* Each session comes back this often, so that none has much to do when the others are done. */
enum { ROUNDS = 2 };

size_t assignment_fair_count(size_t work_left, unsigned sessions, size_t most)
{
    size_t share = work_left / ROUNDS / (sessions > 0 ? sessions : 1);

    if (share > most)
        share = most;
    return share > 0 ? share : 1;
}

struct assignment *assignment_create(size_t capacity)
{
    struct assignment *made = memory_allocate(1, sizeof *made);

    made->capacity = capacity > 0 ? capacity : 1;
    made->steps = memory_allocate(made->capacity, sizeof(struct plan_step *));
    made->outcomes = memory_allocate(made->capacity, sizeof made->outcomes[0]);
    return made;
}

void assignment_free(struct assignment *assignment)
{
    if (assignment == NULL)
        return;
    free(assignment->outcomes);
    free(assignment->steps);
    free(assignment);
}

static bool is_small(const struct plan_step *step)
{
    if (step->parts > 1 || step->stored_bytes > SMALL_STORED_BYTES)
        return false;
    return step->action == PLAN_LOAD_TABLE ||
           (step->action == PLAN_DEFINE && batch_takes(step->entry));
}

static bool goes_with(const struct assignment *assignment, const struct plan_step *step)
{
    const struct plan_step *first = assignment->steps[0];

    return assignment->count < assignment->capacity && first->action == step->action &&
           is_small(first) && is_small(step) &&
           assignment->stored_bytes + step->stored_bytes <= MOST_STORED_BYTES;
}

bool assignment_add(struct assignment *assignment, const struct plan_step *step)
{
    if (assignment->count > 0 && !goes_with(assignment, step))
        return false;
    assignment->steps[assignment->count++] = step;
    assignment->stored_bytes += step->stored_bytes;
    return true;
}
