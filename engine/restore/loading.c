#include "engine/restore/loading.h"

#include "engine/base/memory.h"

#include <stdlib.h>

void loading_init(struct loading *loading, const struct plan *plan, struct counters *counters)
{
    *loading = (struct loading){
        .plan = plan,
        .counters = counters,
        .sessions = memory_allocate(plan->table_count + 1, sizeof loading->sessions[0]),
    };
}

void loading_clear(struct loading *loading)
{
    counter_set(&loading->counters->tables_loading, 0);
    counter_set(&loading->counters->loads_running, 0);
    free(loading->sessions);
}

/* NULL: it loads no table. */
static unsigned *sessions_at(const struct loading *loading, const struct assignment *assignment)
{
    const struct plan_step *first = assignment->steps[0];

    if (first->action != PLAN_LOAD_TABLE || first->table == NULL)
        return NULL;
    return &loading->sessions[first->table - loading->plan->tables];
}

void loading_begin(struct loading *loading, const struct assignment *assignment)
{
    unsigned *sessions = sessions_at(loading, assignment);

    if (sessions == NULL)
        return;
    if ((*sessions)++ == 0)
        counter_add(&loading->counters->tables_loading, 1);
    counter_add(&loading->counters->loads_running, 1);
}

void loading_end(struct loading *loading, const struct assignment *assignment)
{
    unsigned *sessions = sessions_at(loading, assignment);

    if (sessions == NULL)
        return;
    if (--(*sessions) == 0)
        counter_add(&loading->counters->tables_loading, (uint64_t)-1);
    counter_add(&loading->counters->loads_running, (uint64_t)-1);
}
