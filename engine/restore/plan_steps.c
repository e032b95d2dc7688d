#include "engine/restore/plan_steps.h"

#include "engine/base/memory.h"
#include "engine/restore/plan_entry.h"
#include "engine/restore/plan_parts.h"

static bool may_be_halved(const struct toc_entry *entry)
{
    return entry->type == ENTRY_CONSTRAINT || entry->type == ENTRY_FK_CONSTRAINT;
}

static size_t count_steps(const struct plan_builder *builder)
{
    size_t count = 2 * builder->plan->table_count + builder->analyses.count + 1;

    for (size_t i = 0; i < builder->selection->count; i++)
        count += plan_parts_count(builder, i) + may_be_halved(builder->selection->entries[i].entry);
    return count;
}

static void note_data_step(struct plan_builder *builder, size_t node)
{
    struct plan_step *step = &builder->plan->steps[node];
    size_t table = plan_builder_table(builder, step->entry->dump_id);

    if (step->entry->type != ENTRY_TABLE_DATA || table == NO_NUMBER)
        return;
    struct plan_table_notes *notes = &builder->notes[table - 1];
    step->table = &builder->plan->tables[table - 1];
    builder->next_of_table[node] = notes->last_data_node;
    notes->last_data_node = node + 1;
    if (step->action == PLAN_LOAD_TABLE && builder->options->disables_triggers)
        notes->disable_node = 1; /* its number follows when the entries have theirs */
}

static bool is_looked_at_by_analyze(const struct toc_entry *entry)
{
    return entry->type == ENTRY_INDEX || entry->type == ENTRY_CONSTRAINT ||
           entry->type == ENTRY_STATISTICS;
}

static void note_index_step(struct plan_builder *builder, size_t node)
{
    const struct toc_entry *entry = builder->plan->steps[node].entry;

    if (!is_looked_at_by_analyze(entry))
        return;
    for (size_t i = 0; i < entry->dependency_count; i++) {
        size_t table = plan_builder_table(builder, entry->dependencies[i]);
        if (table == NO_NUMBER)
            continue;
        builder->next_of_table[node] = builder->notes[table - 1].last_index_node;
        builder->notes[table - 1].last_index_node = node + 1;
        return;
    }
}

/* One after the other; whoever waits for the entry waits for the second. */
static void make_halves(struct plan_builder *builder, size_t node,
                        const struct halved_entry *halved)
{
    struct plan_step *steps = builder->plan->steps;

    steps[node] = (struct plan_step){
        .action = PLAN_DEFINE, .entry = &halved->first, .parts = 1, .halved = halved};
    steps[node + 1] = (struct plan_step){
        .action = PLAN_DEFINE_SECOND_HALF, .entry = &halved->second, .parts = 1, .halved = halved};
    builder->node_by_dump_id[halved->first.dump_id] = node + 2;
    note_index_step(builder, node + 1);
}

static const struct halved_entry *halve(struct plan_builder *builder,
                                        const struct selected_entry *selected)
{
    return builder->options->keeps_order || plan_entry_action(selected) != PLAN_DEFINE
               ? NULL
               : halves_choose(builder->arena, &builder->graph, selected->entry);
}

static void make_entry_steps(struct plan_builder *builder)
{
    struct plan *plan = builder->plan;
    size_t node = 0;

    for (size_t i = 0; i < builder->selection->count; i++) {
        const struct selected_entry *selected = &builder->selection->entries[i];

        if (builder->is_serial[i] || plan_entry_is_special(selected->entry))
            continue;
        const struct halved_entry *halved = halve(builder, selected);
        if (halved != NULL) {
            make_halves(builder, node, halved);
            node += 2;
            continue;
        }
        builder->node_by_dump_id[selected->entry->dump_id] = node + 1;
        unsigned parts = plan_parts_count(builder, i);
        for (unsigned part = 0; part < parts; part++, node++) {
            plan->steps[node] = (struct plan_step){.action = plan_entry_action(selected),
                                                   .entry = selected->entry,
                                                   .part = part,
                                                   .parts = parts};
            note_data_step(builder, node);
            note_index_step(builder, node);
        }
    }
    builder->entry_node_count = node;
}

static void make_analysis_steps(struct plan_builder *builder)
{
    struct plan *plan = builder->plan;

    builder->first_analysis = plan->step_count;
    for (size_t i = 0; i < builder->analyses.count; i++) {
        const struct analysis *analysis = &builder->analyses.items[i];

        plan->steps[plan->step_count++] = (struct plan_step){
            .action = PLAN_ANALYZE, .entry = analysis->relations[0].entry, .analysis = analysis};
        for (size_t r = 0; r < analysis->count; r++)
            if (analysis->relations[r].table != NO_NUMBER)
                builder->notes[analysis->relations[r].table - 1].analyze_node = plan->step_count;
    }
}

void plan_steps_make(struct plan_builder *builder)
{
    struct plan *plan = builder->plan;
    size_t most = count_steps(builder);

    plan->steps = arena_allocate(builder->arena, most, sizeof plan->steps[0]);
    builder->next_of_table = memory_allocate(most, sizeof(size_t));
    make_entry_steps(builder);
    builder->first_gate = builder->entry_node_count;
    plan->step_count = builder->first_gate + plan->table_count;
    for (size_t table = 0; table < plan->table_count; table++) {
        struct plan_step step = {.entry = plan->tables[table].data, .table = &plan->tables[table]};

        if (builder->notes[table].disable_node != NO_NUMBER) {
            step.action = PLAN_DISABLE_TRIGGERS;
            plan->steps[plan->step_count++] = step;
            builder->notes[table].disable_node = plan->step_count;
            step.action = PLAN_ENABLE_TRIGGERS;
        }
        plan->steps[builder->first_gate + table] = step;
    }
    make_analysis_steps(builder);
}
