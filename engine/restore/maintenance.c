#include "engine/restore/maintenance.h"

/* The least that servers take, and a measure that no build gains from exceeding. */
#define LEAST_KB UINT64_C(1024)
#define MOST_KB (UINT64_C(2) * 1024 * 1024 - 1)

enum {
    /* Of shared_buffers, where nobody said how much memory to use: some percent of most machines.
     */
    BUFFERS_PER_BUDGET = 4,
    /* Of a session's even share of the budget, for what is small. */
    SHARE_PER_SMALL = 2
};

/* What the server asks for each that takes part in a parallel build (plan_create_index_workers). */
#define WORKER_KB (UINT64_C(32) << 10)

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

enum maintenance_kind maintenance_kind_of(const struct maintenance *maintenance,
                                          const struct plan_step *step)
{
    bool is_large = step->stored_bytes >= LARGE_ROWS_BYTES / maintenance->expansion;

    switch (step->action) {
    case PLAN_LOAD_TABLE:
        return is_large ? MAINTENANCE_LOAD : MAINTENANCE_NONE;
    case PLAN_DEFINE:
    case PLAN_DEFINE_SECOND_HALF:
        if (is_build(step))
            return is_large ? MAINTENANCE_INDEX : MAINTENANCE_SMALL;
        if (is_key_check(step))
            return is_large ? MAINTENANCE_KEY : MAINTENANCE_SMALL;
        return MAINTENANCE_NONE;
    default:
        return MAINTENANCE_NONE;
    }
}

void maintenance_init(struct maintenance *maintenance, const struct plan *plan, unsigned expansion)
{
    *maintenance = (struct maintenance){.expansion = expansion > 0 ? expansion : 1};
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan_step_is_work(&plan->steps[i]))
            maintenance->unfinished[maintenance_kind_of(maintenance, &plan->steps[i])]++;
}

bool maintenance_is_large(const struct maintenance *maintenance)
{
    return maintenance->unfinished[MAINTENANCE_INDEX] + maintenance->unfinished[MAINTENANCE_KEY] >
           0;
}

void maintenance_limit(struct maintenance *maintenance, const struct maintenance_limits *limits)
{
    maintenance->limits = *limits;
    maintenance->is_limited = limits->sessions > 0;
}

static uint64_t clamp(uint64_t value, uint64_t least, uint64_t most)
{
    if (value < least)
        return least;
    return value > most ? most : value;
}

static uint64_t less(uint64_t value, uint64_t amount)
{
    return value > amount ? value - amount : 0;
}

static uint64_t least(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

static uint64_t ceiling(uint64_t value, uint64_t parts)
{
    return (value + parts - 1) / parts;
}

/* Steps of a kind that run, or may run beside them: the one about to begin is not running yet. */
static uint64_t count_at_once(const struct maintenance *maintenance, enum maintenance_kind kind)
{
    uint64_t unfinished = maintenance->unfinished[kind];

    return unfinished > maintenance->running[kind] ? unfinished : maintenance->running[kind];
}

static uint64_t count_running(const struct maintenance *maintenance)
{
    return (uint64_t)maintenance->running[MAINTENANCE_SMALL] +
           maintenance->running[MAINTENANCE_INDEX] + maintenance->running[MAINTENANCE_KEY];
}

/* How many large builds and checks will share what is left, the one that begins among them. */
static uint64_t count_takers(const struct maintenance *maintenance)
{
    uint64_t running =
        (uint64_t)maintenance->running[MAINTENANCE_INDEX] + maintenance->running[MAINTENANCE_KEY];
    uint64_t all =
        count_at_once(maintenance, MAINTENANCE_INDEX) + count_at_once(maintenance, MAINTENANCE_KEY);

    if (all > maintenance->limits.sessions)
        all = maintenance->limits.sessions;
    return all > running ? all - running : 1;
}

/* Memory */

static uint64_t small_kb(const struct maintenance *maintenance)
{
    const struct maintenance_limits *limits = &maintenance->limits;
    uint64_t share_kb = limits->budget_bytes / 1024 / limits->sessions / SHARE_PER_SMALL;

    return clamp(share_kb, LEAST_KB, limits->facts.maintenance_bytes / 1024);
}

/* Sessions that may begin with something before this one is done. */
static uint64_t count_others(const struct maintenance *maintenance)
{
    return less(maintenance->limits.sessions, count_running(maintenance) + 1);
}

static uint64_t budgeted_small_kb(const struct maintenance *maintenance, uint64_t left_kb)
{
    uint64_t free_kb = less(left_kb, count_others(maintenance) * LEAST_KB);

    return clamp(small_kb(maintenance), LEAST_KB, clamp(free_kb, LEAST_KB, MOST_KB));
}

/* The others keep the least for each; what is small its part; and what is large shares the rest. */
static uint64_t budgeted_kb(const struct maintenance *maintenance, enum maintenance_kind kind)
{
    uint64_t left_kb = less(maintenance->limits.budget_bytes / 1024, maintenance->taken_kb);
    uint64_t others = count_others(maintenance);
    uint64_t large = least(count_takers(maintenance) - 1, others);
    uint64_t small = least(count_at_once(maintenance, MAINTENANCE_SMALL) -
                               maintenance->running[MAINTENANCE_SMALL],
                           others - large);

    if (kind == MAINTENANCE_SMALL)
        return budgeted_small_kb(maintenance, left_kb);
    left_kb = less(left_kb, small * small_kb(maintenance) + (others - large - small) * LEAST_KB);
    return clamp(left_kb / (large + 1), LEAST_KB, MOST_KB);
}

/* Where nobody set a budget, each build has what its session has anyway, and more where there is
 * room. A sort takes no more than its rows need: what helpers ask for is only to be let in. */
static uint64_t chosen_kb(const struct maintenance *maintenance, enum maintenance_kind kind,
                          const struct maintenance_grant *grant)
{
    const struct server_facts *facts = &maintenance->limits.facts;
    uint64_t budget_kb = facts->shared_buffers_bytes / BUFFERS_PER_BUDGET / 1024;
    uint64_t for_workers = grant->workers > 0 ? WORKER_KB * (grant->workers + 1) : 0;
    uint64_t share_kb;

    if (kind == MAINTENANCE_SMALL)
        return 0;
    share_kb = less(budget_kb, maintenance->taken_kb) / count_takers(maintenance);
    if (share_kb < for_workers)
        share_kb = for_workers;
    return share_kb > facts->maintenance_bytes / 1024 ? clamp(share_kb, LEAST_KB, MOST_KB) : 0;
}

/* Workers */

static uint64_t worker_slots(const struct server_facts *facts)
{
    return least(facts->worker_slots, facts->parallel_workers);
}

/* Sessions that would have nothing to do are made up for by workers, one build after the other
 * taking its part. */
static void grant_idle(const struct maintenance *maintenance, struct maintenance_grant *grant,
                       uint64_t idle)
{
    uint64_t running = maintenance->running[MAINTENANCE_INDEX];
    uint64_t builds = count_at_once(maintenance, MAINTENANCE_INDEX) - running;
    uint64_t left = less(worker_slots(&maintenance->limits.facts), maintenance->taken_workers);

    if (builds == 0)
        builds = 1;
    left = least(left, less(idle, maintenance->taken_workers));
    grant->sets_workers = true;
    grant->workers = (unsigned)ceiling(left, builds);
    grant->is_spread = grant->workers > 0;
}

/* Where all sessions have something to do, and the server's processors are known to be few, workers
 * would only take them from other builds. */
static void grant_workers(const struct maintenance *maintenance, struct maintenance_grant *grant)
{
    const struct maintenance_limits *limits = &maintenance->limits;
    uint64_t busy = count_at_once(maintenance, MAINTENANCE_INDEX) +
                    count_at_once(maintenance, MAINTENANCE_KEY) +
                    count_at_once(maintenance, MAINTENANCE_LOAD);

    if (limits->sessions > busy) {
        grant_idle(maintenance, grant, limits->sessions - busy);
    } else if (limits->processors > 0) {
        unsigned share = (unsigned)less(limits->processors / limits->sessions, 1);

        grant->sets_workers = share < limits->facts.maintenance_workers;
        grant->workers = grant->sets_workers ? share : 0;
    }
}

/* The server would not start more in so little memory: nobody should count on them. */
static void bound_workers(struct maintenance_grant *grant)
{
    uint64_t most = less(grant->memory_kb / WORKER_KB, 1);

    grant->workers = (unsigned)least(grant->workers, most);
    grant->is_spread = grant->is_spread && grant->workers > 0;
}

struct maintenance_grant maintenance_begin(struct maintenance *maintenance,
                                           enum maintenance_kind kind)
{
    struct maintenance_grant grant = {.memory_kb = 0};

    if (maintenance->is_limited && kind == MAINTENANCE_INDEX)
        grant_workers(maintenance, &grant);
    if (maintenance->is_limited && kind != MAINTENANCE_NONE && kind != MAINTENANCE_LOAD) {
        if (maintenance->limits.budget_bytes > 0) {
            grant.memory_kb = budgeted_kb(maintenance, kind);
            bound_workers(&grant);
        } else {
            grant.memory_kb = chosen_kb(maintenance, kind, &grant);
        }
    }
    maintenance->running[kind]++;
    maintenance->taken_kb += grant.memory_kb;
    maintenance->taken_workers += grant.workers;
    return grant;
}

void maintenance_end(struct maintenance *maintenance, enum maintenance_kind kind, size_t count,
                     const struct maintenance_grant *grant)
{
    maintenance->running[kind]--;
    maintenance->unfinished[kind] -= least(count, maintenance->unfinished[kind]);
    maintenance->taken_kb -= grant->memory_kb;
    maintenance->taken_workers -= grant->workers;
}

bool maintenance_grants_are_equal(const struct maintenance_grant *one,
                                  const struct maintenance_grant *other)
{
    return one->memory_kb == other->memory_kb && one->sets_workers == other->sets_workers &&
           one->workers == other->workers && one->is_spread == other->is_spread;
}
