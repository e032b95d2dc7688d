#include "engine/restore/plan_nodes.h"

#include "engine/restore/plan_cost.h"
#include "engine/restore/plan_entry.h"
#include "engine/restore/plan_locks.h"

#include <string.h>

static const unsigned *numbers_seal(const struct numbers *numbers, struct arena *arena)
{
    if (numbers->count == 0)
        return NULL;
    unsigned *copy = arena_allocate(arena, numbers->count, sizeof copy[0]);
    memcpy(copy, numbers->items, numbers->count * sizeof copy[0]);
    return copy;
}

static bool waits_for_rows(const struct toc_entry *entry)
{
    return entry->section == SECTION_POST_DATA || entry->type == ENTRY_STATISTICS_DATA;
}

static void depend_on_node(struct plan_builder *builder, int dump_id)
{
    if (toc_find(builder->toc, dump_id) == NULL || builder->node_by_dump_id[dump_id] == NO_NUMBER)
        return;
    size_t node = builder->node_by_dump_id[dump_id] - 1;
    for (unsigned part = 0; part < builder->plan->steps[node].parts; part++)
        numbers_add(&builder->dependencies, node + part);
}

static bool is_table(const struct plan_builder *builder, int dump_id)
{
    const struct toc_entry *entry = toc_find(builder->toc, dump_id);

    return entry != NULL && entry->type == ENTRY_TABLE;
}

/* Of another table's data entry the whole table is meant; of the own ones only the one named, as in
 * an entry that closes a table. */
static void depend_as_data(struct plan_builder *builder, size_t own_table, int dump_id)
{
    size_t table = plan_builder_table(builder, dump_id);
    bool is_rows = table != NO_NUMBER && !is_table(builder, dump_id);

    if (is_rows && table != own_table)
        numbers_add(&builder->dependencies, builder->first_gate + table - 1);
    else
        depend_on_node(builder, dump_id);
}

static void depend_as_definition(struct plan_builder *builder, const struct toc_entry *entry,
                                 int dump_id)
{
    size_t table = plan_builder_table(builder, dump_id);

    if (table != NO_NUMBER && waits_for_rows(entry))
        numbers_add(&builder->dependencies, builder->first_gate + table - 1);
    else
        depend_on_node(builder, dump_id);
}

static void node_begin(struct plan_builder *builder)
{
    builder->dependencies.count = 0;
    builder->lock_count = 0;
}

/* One session takes steps in their own order. */
static uint64_t weigh(const struct plan_builder *builder, uint64_t cost_us)
{
    return builder->options->keeps_order && cost_us != SCHEDULE_AT_ONCE ? 0 : cost_us;
}

static void node_end(struct plan_builder *builder, size_t node, uint64_t cost_us,
                     enum plan_pass pass)
{
    builder->plan->steps[node].cost_us = cost_us == SCHEDULE_AT_ONCE ? 0 : cost_us;
    builder->plan->nodes[node] = (struct schedule_node){
        .dependencies = numbers_seal(&builder->dependencies, builder->arena),
        .dependency_count = builder->dependencies.count,
        .locks = plan_locks_seal(builder),
        .lock_count = builder->lock_count,
        .cost = weigh(builder, cost_us),
        .pass = pass,
    };
}

static void depend_on_gates(struct plan_builder *builder, const struct table_pairs *pairs,
                            size_t table)
{
    const struct table_pair *pair = table_pairs_get(pairs, pairs->first_by_table[table]);

    for (; pair != NULL; pair = table_pairs_get(pairs, pair->next))
        numbers_add(&builder->dependencies, builder->first_gate + pair->second);
}

static void make_data_node(struct plan_builder *builder, size_t node, uint64_t stored_bytes)
{
    const struct plan_step *step = &builder->plan->steps[node];
    size_t table = plan_builder_table(builder, step->entry->dump_id);

    for (size_t i = 0; i < step->entry->dependency_count; i++)
        depend_as_data(builder, table, step->entry->dependencies[i]);
    if (table != NO_NUMBER) {
        const struct plan_table_notes *notes = &builder->notes[table - 1];

        if (step->action == PLAN_LOAD_TABLE)
            plan_locks_add(builder, table - 1, LOCK_ROW_EXCLUSIVE);
        if (notes->disable_node != NO_NUMBER)
            numbers_add(&builder->dependencies, notes->disable_node - 1);
        depend_on_gates(builder, &builder->graph.precedences, table - 1);
    }
    builder->plan->steps[node].stored_bytes = stored_bytes;
    node_end(builder, node, plan_cost_of_step(builder, node), PLAN_PASS_MAIN);
}

static void make_definition_node(struct plan_builder *builder, size_t node)
{
    const struct plan_step *step = &builder->plan->steps[node];
    const struct toc_entry *entry = step->entry;

    for (size_t i = 0; i < entry->dependency_count; i++) {
        int id = entry->dependencies[i];

        depend_as_definition(builder, entry, id);
        if (step->action == PLAN_DEFINE && step->halved == NULL && plan_builder_knows(builder, id))
            plan_locks_add_dependency(builder, entry, id);
    }
    builder->plan->steps[node].stored_bytes = plan_cost_sum_tables(builder, node, entry);
    if (step->halved != NULL)
        plan_locks_add_first_half(builder, step);
    node_end(builder, node, plan_cost_of_step(builder, node), plan_entry_pass(entry));
}

/* The first half has waited for all that the entry waits for. */
static void make_second_half_node(struct plan_builder *builder, size_t node)
{
    const struct plan_step *step = &builder->plan->steps[node];

    builder->plan->steps[node].stored_bytes = builder->plan->steps[node - 1].stored_bytes;
    numbers_add(&builder->dependencies, node - 1);
    plan_locks_add_second_half(builder, step);
    node_end(builder, node, plan_cost_of_step(builder, node), plan_entry_pass(step->entry));
}

static void make_entry_node(struct plan_builder *builder, size_t node, uint64_t stored_bytes)
{
    const struct plan_step *step = &builder->plan->steps[node];

    node_begin(builder);
    if (step->entry->has_data)
        make_data_node(builder, node, stored_bytes / step->parts);
    else if (step->action == PLAN_DEFINE_SECOND_HALF)
        make_second_half_node(builder, node);
    else
        make_definition_node(builder, node);
}

static void make_disable_node(struct plan_builder *builder, size_t table)
{
    size_t node = builder->notes[table].disable_node - 1;

    node_begin(builder);
    plan_locks_add(builder, table, LOCK_SHARE_ROW_EXCLUSIVE);
    node_end(builder, node, plan_cost_of_step(builder, node), PLAN_PASS_MAIN);
}

/* All rows of a table are in when its gate has passed, and those of its partitions and heirs. */
static void make_gate_node(struct plan_builder *builder, size_t table)
{
    const struct plan_table_notes *notes = &builder->notes[table];
    size_t gate = builder->first_gate + table;
    enum plan_action action = builder->plan->steps[gate].action;

    node_begin(builder);
    for (size_t node = notes->last_data_node; node != NO_NUMBER;
         node = builder->next_of_table[node - 1])
        numbers_add(&builder->dependencies, node - 1);
    depend_on_gates(builder, &builder->graph.parts, table);
    if (action == PLAN_ENABLE_TRIGGERS)
        plan_locks_add(builder, table, LOCK_SHARE_ROW_EXCLUSIVE);
    node_end(builder, gate, plan_cost_of_step(builder, gate), PLAN_PASS_MAIN);
}

/* Partitions are analyzed before the whole: where the server does both at once, they only pass. */
static void depend_on_analyses_of_partitions(struct plan_builder *builder, size_t table)
{
    const struct table_pairs *parts = &builder->graph.parts;
    const struct table_pair *part = table_pairs_get(parts, parts->first_by_table[table]);

    for (; part != NULL; part = table_pairs_get(parts, part->next)) {
        size_t node = builder->notes[part->second].analyze_node;
        if (node != NO_NUMBER)
            numbers_add(&builder->dependencies, node - 1);
    }
}

/* Indexes on expressions have statistics of their own, so they come first. Heirs are analyzed by
 * themselves at any time, and must be: they share their group with other tables, and two groups
 * would wait for each other where each has a parent whose heir is in the other. */
static void depend_for_analysis(struct plan_builder *builder, size_t table)
{
    numbers_add(&builder->dependencies, builder->first_gate + table);
    for (size_t node = builder->notes[table].last_index_node; node != NO_NUMBER;
         node = builder->next_of_table[node - 1])
        numbers_add(&builder->dependencies, node - 1);
    if (builder->plan->tables[table].is_partitioned)
        depend_on_analyses_of_partitions(builder, table);
}

static void make_analysis_node(struct plan_builder *builder, size_t node)
{
    const struct analysis *analysis = builder->plan->steps[node].analysis;
    bool is_of_views = analysis->relations[0].table == NO_NUMBER;
    uint64_t bytes = 0;

    node_begin(builder);
    for (size_t i = 0; i < analysis->count; i++) {
        const struct analyzed_relation *relation = &analysis->relations[i];

        if (relation->table == NO_NUMBER) {
            depend_on_node(builder, relation->entry->dump_id);
        } else {
            depend_for_analysis(builder, relation->table - 1);
            plan_locks_add(builder, relation->table - 1, LOCK_SHARE_UPDATE_EXCLUSIVE);
            bytes += builder->plan->tables[relation->table - 1].stored_bytes;
        }
    }
    builder->plan->steps[node].stored_bytes = bytes;
    node_end(builder, node, plan_cost_of_step(builder, node),
             is_of_views ? PLAN_PASS_REFRESH : PLAN_PASS_MAIN);
}

void plan_nodes_make(struct plan_builder *builder)
{
    struct plan *plan = builder->plan;
    size_t node = 0;

    plan->nodes = arena_allocate(builder->arena, plan->step_count + 1, sizeof plan->nodes[0]);
    for (size_t i = 0; i < builder->selection->count; i++) {
        const struct toc_entry *entry = builder->selection->entries[i].entry;

        if (builder->is_serial[i] || plan_entry_is_special(entry))
            continue;
        size_t end = node + plan->steps[node].parts + (plan->steps[node].halved != NULL);
        for (; node < end; node++)
            make_entry_node(builder, node, builder->stored_bytes[i]);
    }
    for (size_t table = 0; table < plan->table_count; table++) {
        make_gate_node(builder, table);
        if (builder->notes[table].disable_node != NO_NUMBER)
            make_disable_node(builder, table);
    }
    for (node = builder->first_analysis; node < plan->step_count; node++)
        make_analysis_node(builder, node);
}
