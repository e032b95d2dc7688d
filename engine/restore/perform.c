#include "engine/restore/perform.h"

#include "engine/restore/execute.h"
#include "engine/restore/gather_statistics.h"
#include "engine/restore/load_blobs.h"
#include "engine/restore/load_shared.h"
#include "engine/restore/load_table.h"

void perform_step(struct target *target, const struct plan_step *step, struct outcome *outcome)
{
    switch (step->action) {
    case PLAN_PASS_BY:
        return;
    case PLAN_DEFINE:
        execute_entry(target, EXECUTE_DEFINITION, step->entry, outcome);
        return;
    case PLAN_LOAD_TABLE:
        if (step->parts > 1 && step->table->is_created)
            load_shared(target, step, outcome);
        else if (step->part == 0)
            load_table(target, step, outcome);
        return;
    case PLAN_LOAD_BLOBS:
        load_blobs(target, step, outcome);
        return;
    case PLAN_DISABLE_TRIGGERS:
        execute_trigger_switch(target, step->entry, TRIGGERS_OFF, outcome);
        return;
    case PLAN_ENABLE_TRIGGERS:
        execute_trigger_switch(target, step->entry, TRIGGERS_ON, outcome);
        return;
    case PLAN_ANALYZE:
        gather_statistics(target, step, outcome);
        return;
    }
}
