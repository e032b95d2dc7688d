#include "engine/restore/perform.h"

#include "engine/base/memory.h"
#include "engine/restore/execute.h"
#include "engine/restore/gather_statistics.h"
#include "engine/restore/load_blobs.h"
#include "engine/restore/load_group.h"
#include "engine/restore/load_pages.h"
#include "engine/restore/load_shared.h"
#include "engine/restore/load_table.h"
#include "engine/restore/second_half.h"

#include <stdlib.h>

/* For the display: what takes long, while it goes on. */
static void count_build(struct target *target, const struct plan_step *step, bool begins)
{
    struct counters *counters = &target->settings->watch->counters;
    bool builds = step->action == PLAN_DEFINE &&
                  (step->entry->type == ENTRY_INDEX || step->entry->type == ENTRY_CONSTRAINT);

    if (builds)
        counter_add(&counters->builds_us_running, begins ? step->cost_us : -step->cost_us);
}

static void load(struct target *target, const struct plan_step *step, bool is_repeated,
                 struct outcome *outcome)
{
    bool is_shared = step->parts > 1 && step->table->is_created;

    if (is_shared && is_repeated)
        load_shared_again(target, step, outcome);
    else if (is_shared)
        load_shared(target, step, outcome);
    else if (step->part == 0)
        load_table(target, step, outcome);
}

static void perform_step(struct target *target, const struct plan_step *step, bool is_repeated,
                         struct outcome *outcome)
{
    switch (step->action) {
    case PLAN_PASS_BY:
        return;
    case PLAN_DEFINE:
        execute_entry(target, step->halved != NULL ? EXECUTE_FIRST_HALF : EXECUTE_DEFINITION,
                      step->entry, outcome);
        return;
    case PLAN_DEFINE_SECOND_HALF:
        second_half_perform(target, step, outcome);
        return;
    case PLAN_LOAD_TABLE:
        load(target, step, is_repeated, outcome);
        return;
    case PLAN_LOAD_PAGES:
        load_pages(target, step, outcome);
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

static bool has_stopped(const struct outcome *outcomes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (outcomes[i].stops)
            return true;
    return false;
}

static void define_entries(struct target *target, const struct toc_entry *const *entries,
                           size_t count, struct outcome *outcomes)
{
    for (size_t next = 0; next < count;) {
        size_t done = execute_entries(target, EXECUTE_DEFINITION, entries + next, count - next,
                                      outcomes + next);

        if (has_stopped(outcomes + next, done))
            return;
        next += done;
    }
}

static void define_many(struct target *target, struct assignment *assignment)
{
    const struct toc_entry **entries =
        memory_allocate(assignment->count, sizeof(struct toc_entry *));

    for (size_t i = 0; i < assignment->count; i++)
        entries[i] = assignment->steps[i]->entry;
    if (assignment->is_tentative)
        execute_tentatively(target, entries, assignment->count, assignment->outcomes);
    else
        define_entries(target, entries, assignment->count, assignment->outcomes);
    free(entries);
}

static void perform_singly(struct target *target, struct assignment *assignment)
{
    for (size_t i = 0; i < assignment->count; i++) {
        count_build(target, assignment->steps[i], true);
        perform_step(target, assignment->steps[i], assignment->is_repeated,
                     &assignment->outcomes[i]);
        count_build(target, assignment->steps[i], false);
        if (assignment->outcomes[i].stops)
            return;
    }
}

/* Where it cannot be, the steps will fail for the same reason, or do with what there is. */
static void set_maintenance(struct target *target, const struct assignment *assignment)
{
    struct error unused;

    if (assignment->kind == MAINTENANCE_NONE || assignment->kind == MAINTENANCE_LOAD)
        return;
    if (!target_set_maintenance(target, &assignment->maintenance, &unused))
        target_forget_warnings(target);
}

void perform_assignment(struct target *target, struct assignment *assignment)
{
    bool is_single = assignment->count == 1 && !assignment->is_tentative;
    bool is_load = assignment->steps[0]->action == PLAN_LOAD_TABLE;

    set_maintenance(target, assignment);
    if (is_single || (is_load && !load_group(target, assignment)))
        perform_singly(target, assignment);
    else if (!is_load)
        define_many(target, assignment);
}
