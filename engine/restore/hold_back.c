#include "engine/restore/hold_back.h"

void hold_back_note(const struct plan *plan, const struct plan_step *load)
{
    plan->steps[load - plan->steps].lacks_rows = true;
}

static bool waits_in_vain(const struct plan *plan, const struct schedule_node *node)
{
    for (size_t i = 0; i < node->dependency_count; i++)
        if (plan->steps[node->dependencies[i]].lacks_rows)
            return true;
    return false;
}

/* They run the users' code, which may look at anything: only when all is there. */
static bool needs_everything(const struct schedule_node *node)
{
    return node->pass == PLAN_PASS_REFRESH || node->pass == PLAN_PASS_EVENT_TRIGGERS;
}

static bool can_wait(const struct plan_step *step)
{
    return step->action == PLAN_DEFINE || step->action == PLAN_DEFINE_SECOND_HALF ||
           step->action == PLAN_ANALYZE || step->action == PLAN_PASS_BY;
}

bool hold_back_is_due(const struct plan *plan, const struct plan_step *step)
{
    size_t number = (size_t)(step - plan->steps);
    const struct schedule_node *node = &plan->nodes[number];

    if (!can_wait(step) || !(waits_in_vain(plan, node) || needs_everything(node)))
        return false;
    plan->steps[number].lacks_rows = true;
    return plan_step_is_work(step);
}
