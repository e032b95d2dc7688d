#include "engine/restore/maintenance.h"

/* The least that servers take, and a measure that no build gains from exceeding. */
#define LEAST_KB UINT64_C(1024)
#define MOST_KB (UINT64_C(2) * 1024 * 1024 - 1)
/* Of shared_buffers, where nobody said how much memory to use: some percent of most machines. */
enum { BUFFERS_PER_BUDGET = 4 };

/* What the server asks for each that takes part in a parallel build (plan_create_index_workers). */
#define WORKER_BYTES (UINT64_C(32) << 20)

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

/* Sessions that would have nothing to do are made up for by workers; where there are more builds
 * than sessions, and the server's processors are known to be few, workers would only take them from
 * each other. */
static void divide_workers(struct maintenance_share *share, const struct server_facts *facts,
                           const struct maintenance_work *work)
{
    unsigned indexes = (unsigned)work->indexes;

    if (indexes == 0)
        return;
    if (work->sessions > indexes) {
        unsigned idle = work->sessions / indexes - 1;
        unsigned to_be_had = (facts->parallel_workers + indexes - 1) / indexes;

        share->workers = idle < to_be_had ? idle : to_be_had;
        share->sets_workers = share->is_spread = share->workers > facts->maintenance_workers;
    } else if (work->processors > 0) {
        share->workers = work->processors / work->sessions;
        share->workers -= share->workers > 0;
        share->sets_workers = share->workers < facts->maintenance_workers;
    }
}

static void divide_memory(struct maintenance_share *share, const struct server_facts *facts,
                          const struct maintenance_work *work)
{
    uint64_t at_once = work->indexes + work->keys;
    uint64_t share_bytes = facts->shared_buffers_bytes / BUFFERS_PER_BUDGET;
    /* A sort takes no more than its rows need; what this is about is being let to have workers. */
    uint64_t for_workers = share->is_spread ? WORKER_BYTES * (share->workers + 1) : 0;

    if (at_once > work->sessions)
        at_once = work->sessions;
    if (work->budget_bytes > 0) {
        share->memory_kb = clamp(work->budget_bytes / at_once / 1024, LEAST_KB, MOST_KB);
        return;
    }
    share_bytes /= at_once;
    if (share_bytes < for_workers)
        share_bytes = for_workers;
    if (share_bytes > facts->maintenance_bytes)
        share->memory_kb = clamp(share_bytes / 1024, LEAST_KB, MOST_KB);
}

struct maintenance_share maintenance_divide(const struct server_facts *facts,
                                            const struct maintenance_work *work)
{
    struct maintenance_share share = {.memory_kb = 0};

    if (work->indexes + work->keys == 0 || work->sessions == 0)
        return share;
    divide_workers(&share, facts, work);
    divide_memory(&share, facts, work);
    return share;
}
