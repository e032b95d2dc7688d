#include "engine/restore/plan.h"

#include "engine/base/memory.h"
#include "engine/restore/plan_builder.h"
#include "engine/restore/plan_entry.h"
#include "engine/restore/plan_nodes.h"
#include "engine/restore/plan_parts.h"
#include "engine/restore/plan_steps.h"

#include <stdlib.h>

/* Comments and labels among the definitions go with them, until something has been put off: from
 * there on what they belong to may not be there yet. */
static void list_serial(struct plan_builder *builder)
{
    const struct selection *selection = builder->selection;
    struct plan *plan = builder->plan;
    bool has_put_off = false;

    plan->serial = arena_allocate(builder->arena, selection->count + 1, sizeof(struct toc_entry *));
    builder->is_serial = memory_allocate(selection->count + 1, sizeof(bool));
    for (size_t i = 0; i < selection->count; i++) {
        const struct selected_entry *selected = &selection->entries[i];
        const struct toc_entry *entry = selected->entry;

        if (plan_entry_is_special(entry))
            continue;
        if (plan_entry_action(selected) != PLAN_PASS_BY)
            plan->wanted_count++;
        if (entry->section == SECTION_DATA || entry->section == SECTION_POST_DATA)
            has_put_off = true;
        bool goes_first =
            entry->section == SECTION_PRE_DATA || (entry->section == SECTION_NONE && !has_put_off);
        if (!goes_first || plan_entry_pass(entry) != PLAN_PASS_MAIN)
            continue;
        builder->is_serial[i] = true;
        if (plan_entry_action(selected) != PLAN_PASS_BY)
            plan->serial[plan->serial_count++] = entry;
    }
}

static void builder_clear(struct plan_builder *builder)
{
    free(builder->is_serial);
    free(builder->node_by_dump_id);
    free(builder->next_of_table);
    table_graph_clear(&builder->graph);
    free(builder->family.items);
    free(builder->notes);
    free(builder->dependencies.items);
    free(builder->locks);
}

void plan_make(struct plan *plan, struct arena *arena, const struct toc *toc,
               const struct selection *selection, const uint64_t *stored_bytes,
               const struct plan_options *options)
{
    struct plan_builder builder = {
        .plan = plan,
        .arena = arena,
        .toc = toc,
        .selection = selection,
        .stored_bytes = stored_bytes,
        .options = options,
        .node_by_dump_id = memory_allocate((size_t)toc->largest_dump_id + 1, sizeof(size_t)),
    };

    builder.rows_bytes = plan_parts_sum_rows(&builder);
    table_graph_make(&builder.graph, arena, toc, selection, stored_bytes);
    builder.notes = memory_allocate(builder.graph.count + 1, sizeof builder.notes[0]);
    *plan = (struct plan){
        .tables = builder.graph.tables,
        .table_count = builder.graph.count,
        .table_by_dump_id = builder.graph.by_dump_id,
    };
    if (options->gathers_statistics)
        analyses_choose(&builder.analyses, arena, toc, selection, &builder.graph);
    list_serial(&builder);
    plan_steps_make(&builder);
    plan_nodes_make(&builder);
    builder_clear(&builder);
}

static struct plan_table *table_of_definition(struct plan *plan, const struct toc_entry *entry)
{
    size_t number = plan->table_by_dump_id[entry->dump_id];

    return entry->type == ENTRY_TABLE && number != NO_NUMBER ? &plan->tables[number - 1] : NULL;
}

void plan_table_created(struct plan *plan, const struct toc_entry *entry)
{
    struct plan_table *table = table_of_definition(plan, entry);

    if (table != NULL)
        table->is_created = true;
}

void plan_table_failed(struct plan *plan, const struct toc_entry *entry)
{
    struct plan_table *table = table_of_definition(plan, entry);

    if (table != NULL)
        table->is_barred = true;
}

/* The first half has waited for all that the whole needs, and locks as much. */
void plan_fit_server(struct plan *plan, int version)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        struct plan_step *step = &plan->steps[i];

        if (step->halved == NULL || step->halved->least_version <= version)
            continue;
        if (step->action == PLAN_DEFINE)
            step->entry = step->halved->whole;
        else
            step->action = PLAN_PASS_BY;
        step->halved = NULL;
    }
}

void plan_step_failed(const struct plan *plan, const struct plan_step *step)
{
    plan->steps[step - plan->steps].has_failed = true;
}

bool plan_step_is_work(const struct plan_step *step)
{
    if (step->is_done)
        return false;
    if (step->action == PLAN_DEFINE_SECOND_HALF)
        return !step[-1].has_failed;
    return step->action != PLAN_PASS_BY && (step->table == NULL || !step->table->is_barred);
}
