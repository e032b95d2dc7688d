#include "engine/restore/resume.h"

#include "engine/base/memory.h"
#include "engine/restore/numbers.h"
#include "engine/restore/step_key.h"

#include <stdlib.h>

struct resuming {
    struct resume *resume;
    struct plan *plan;
    const struct journal_keys *done;
};

static bool has(const struct resuming *resuming, enum journal_kind kind,
                const struct toc_entry *entry)
{
    return journal_keys_have(resuming->done, journal_key(kind, entry->dump_id, 0));
}

static bool is_flawed(const struct resuming *resuming, const struct toc_entry *entry)
{
    return has(resuming, JOURNAL_FLAWED, entry);
}

static bool is_defined(const struct resuming *resuming, const struct toc_entry *entry)
{
    return has(resuming, JOURNAL_DEFINED, entry) || is_flawed(resuming, entry);
}

static void note_definition(struct resuming *resuming, const struct toc_entry *entry)
{
    struct resume *resume = resuming->resume;

    resume->done_count++;
    if (is_flawed(resuming, entry))
        resume->flawed[resume->flawed_count++] = entry;
}

/* ---- definitions in a row ---- */

static void pass_over_serial(struct resuming *resuming)
{
    struct plan *plan = resuming->plan;
    size_t left = 0;

    for (size_t i = 0; i < plan->serial_count; i++) {
        const struct toc_entry *entry = plan->serial[i];

        if (!is_defined(resuming, entry)) {
            plan->serial[left++] = entry;
            continue;
        }
        note_definition(resuming, entry);
        plan_table_created(plan, entry);
    }
    plan->serial_count = left;
}

/* ---- steps ---- */

static bool is_load(const struct plan_step *step)
{
    return step->action == PLAN_LOAD_TABLE || step->action == PLAN_LOAD_PAGES;
}

static void mark_load(struct resuming *resuming, struct plan_step *step)
{
    struct resume *resume = resuming->resume;

    step->is_done = has(resuming, JOURNAL_ROWS, step->entry);
    if (step->part > 0)
        return;
    resume->done_count += step->is_done;
    if (!step->is_done && has(resuming, JOURNAL_SHARE, step->entry))
        resume->half_loaded[resume->half_loaded_count++] = step->entry;
}

static void mark_step(struct resuming *resuming, struct plan_step *step)
{
    switch (step->action) {
    case PLAN_DEFINE:
        step->is_done = is_defined(resuming, step->entry) ||
                        (step->halved != NULL && has(resuming, JOURNAL_FIRST_HALF, step->entry));
        if (step->is_done && step->halved == NULL)
            note_definition(resuming, step->entry);
        return;
    case PLAN_DEFINE_SECOND_HALF:
        step->is_done = is_defined(resuming, step->entry);
        if (step->is_done)
            note_definition(resuming, step->entry);
        return;
    case PLAN_LOAD_TABLE:
    case PLAN_LOAD_PAGES:
        mark_load(resuming, step);
        return;
    case PLAN_ANALYZE:
        step->is_done = journal_keys_have(resuming->done, step_key(step));
        return;
    case PLAN_LOAD_BLOBS:
    case PLAN_DISABLE_TRIGGERS:
    case PLAN_ENABLE_TRIGGERS:
    case PLAN_PASS_BY:
        return;
    }
}

/* Of a table whose triggers are switched, by its number: rows are still to be loaded. */
static bool *note_rows_left(const struct plan *plan)
{
    bool *are_left = memory_allocate(plan->table_count + 1, sizeof are_left[0]);

    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];
        if (is_load(step) && !step->is_done && step->table != NULL)
            are_left[step->table - plan->tables] = true;
    }
    return are_left;
}

/* Switched on again with rows left (some had failed), they are switched off once more. */
static void mark_switches(struct resuming *resuming)
{
    struct plan *plan = resuming->plan;
    bool *are_left = note_rows_left(plan);

    for (size_t i = 0; i < plan->step_count; i++) {
        struct plan_step *step = &plan->steps[i];

        if (step->action != PLAN_DISABLE_TRIGGERS && step->action != PLAN_ENABLE_TRIGGERS)
            continue;
        bool is_on = has(resuming, JOURNAL_TRIGGERS_ON, step->entry);
        bool is_over = is_on && !are_left[step->table - plan->tables];
        step->is_done =
            step->action == PLAN_ENABLE_TRIGGERS
                ? is_over
                : is_over || (!is_on && has(resuming, JOURNAL_TRIGGERS_OFF, step->entry));
    }
    free(are_left);
}

/* ---- rows that came too late ---- */

static void forfeit(struct resuming *resuming, struct plan_step *step)
{
    struct resume *resume = resuming->resume;

    step->is_done = true;
    if (step->part == 0)
        resume->forfeited[resume->forfeited_count++] = step->entry;
}

/* A trigger waits for all rows of its table, and of the table's parts: those that are not there had
 * failed when it was made. */
static void forfeit_before(struct resuming *resuming, size_t trigger, struct numbers *line,
                           bool *has_been)
{
    struct plan *plan = resuming->plan;

    line->count = 0;
    numbers_add(line, trigger);
    while (line->count > 0) {
        const struct schedule_node *node = &plan->nodes[line->items[--line->count]];

        for (size_t i = 0; i < node->dependency_count; i++) {
            unsigned number = node->dependencies[i];
            struct plan_step *step = &plan->steps[number];

            if (has_been[number])
                continue;
            has_been[number] = true;
            if (step->action == PLAN_PASS_BY)
                numbers_add(line, number);
            else if (step->action == PLAN_LOAD_TABLE && !step->is_done && step->table != NULL &&
                     step->table->is_created)
                forfeit(resuming, step);
        }
    }
}

static void forfeit_late_rows(struct resuming *resuming)
{
    struct plan *plan = resuming->plan;
    bool *has_been = memory_allocate(plan->step_count + 1, sizeof has_been[0]);
    struct numbers line = {.items = NULL};

    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];
        if (step->is_done && step->action == PLAN_DEFINE && step->entry->type == ENTRY_TRIGGER)
            forfeit_before(resuming, i, &line, has_been);
    }
    free(line.items);
    free(has_been);
}

void resume_apply(struct resume *resume, struct plan *plan, struct arena *arena,
                  const struct journal_keys *done)
{
    struct resuming resuming = {.resume = resume, .plan = plan, .done = done};
    size_t most = plan->serial_count + plan->step_count + 1;

    *resume = (struct resume){
        .flawed = arena_allocate(arena, most, sizeof(struct toc_entry *)),
        .forfeited = arena_allocate(arena, plan->step_count + 1, sizeof(struct toc_entry *)),
        .half_loaded = arena_allocate(arena, plan->step_count + 1, sizeof(struct toc_entry *)),
    };
    pass_over_serial(&resuming);
    for (size_t i = 0; i < plan->step_count; i++)
        mark_step(&resuming, &plan->steps[i]);
    forfeit_late_rows(&resuming);
    mark_switches(&resuming);
}
