#include "engine/restore/maintenance.h"

/* The least that servers take, and a measure that no build gains from exceeding. */
#define LEAST_KB UINT64_C(1024)
#define MOST_KB (UINT64_C(2) * 1024 * 1024 - 1)
/* Of shared_buffers, where nobody said how much memory to use: some percent of most machines. */
enum { BUFFERS_PER_BUDGET = 4 };

/* Smaller tables are sorted in what every server has. */
#define LARGE_ROWS_BYTES (UINT64_C(32) << 20)

static bool is_key_check(const struct plan_step *step)
{
    return step->entry->type == ENTRY_FK_CONSTRAINT &&
           (step->halved == NULL) == (step->action == PLAN_DEFINE);
}

static bool is_build(const struct plan_step *step)
{
    return step->action == PLAN_DEFINE &&
           (step->entry->type == ENTRY_INDEX || step->entry->type == ENTRY_CONSTRAINT);
}

void maintenance_count(struct maintenance_work *work, const struct plan *plan, unsigned expansion)
{
    work->indexes = work->keys = 0;
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];

        if ((step->action != PLAN_DEFINE && step->action != PLAN_DEFINE_SECOND_HALF) ||
            step->stored_bytes < LARGE_ROWS_BYTES / (expansion > 0 ? expansion : 1))
            continue;
        work->indexes += is_build(step);
        work->keys += is_key_check(step);
    }
}

static uint64_t clamp(uint64_t value, uint64_t least, uint64_t most)
{
    if (value < least)
        return least;
    return value > most ? most : value;
}

static uint64_t divide_memory(const struct server_facts *facts, const struct maintenance_work *work,
                              uint64_t at_once)
{
    if (work->budget_bytes > 0)
        return clamp(work->budget_bytes / at_once / 1024, LEAST_KB, MOST_KB);
    uint64_t share = facts->shared_buffers_bytes / BUFFERS_PER_BUDGET / at_once;
    if (share <= facts->maintenance_bytes)
        return 0;
    return clamp(share / 1024, LEAST_KB, MOST_KB);
}

/* Sessions that would have nothing to do lend a hand to those that build. */
static unsigned divide_workers(const struct server_facts *facts,
                               const struct maintenance_work *work)
{
    if (work->indexes == 0 || work->sessions <= work->indexes)
        return 0;
    unsigned helpers = work->sessions / (unsigned)work->indexes - 1;
    if (helpers > facts->parallel_workers)
        helpers = facts->parallel_workers;
    return helpers > facts->maintenance_workers ? helpers : 0;
}

struct maintenance_share maintenance_divide(const struct server_facts *facts,
                                            const struct maintenance_work *work)
{
    uint64_t at_once = work->indexes + work->keys;

    if (at_once == 0)
        return (struct maintenance_share){.workers = 0};
    if (at_once > work->sessions)
        at_once = work->sessions > 0 ? work->sessions : 1;
    return (struct maintenance_share){
        .memory_kb = divide_memory(facts, work, at_once),
        .workers = divide_workers(facts, work),
    };
}
