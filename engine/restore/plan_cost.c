#include "engine/restore/plan_cost.h"

#include "engine/restore/cost.h"

static uint64_t count_rows_bytes(const struct plan_builder *builder, uint64_t stored_bytes)
{
    return stored_bytes * (builder->options->expansion > 0 ? builder->options->expansion : 1);
}

uint64_t plan_cost_sum_tables(struct plan_builder *builder, size_t node,
                              const struct toc_entry *entry)
{
    uint64_t stored_bytes = 0;

    for (size_t i = 0; i < entry->dependency_count; i++) {
        size_t table = plan_builder_table(builder, entry->dependencies[i]);
        if (table == NO_NUMBER || builder->notes[table - 1].summed_for == node + 1)
            continue;
        builder->notes[table - 1].summed_for = node + 1;
        stored_bytes += entry->type == ENTRY_FK_CONSTRAINT
                            ? table_graph_family_bytes(&builder->graph, table - 1)
                            : builder->plan->tables[table - 1].stored_bytes;
    }
    return stored_bytes;
}

static uint64_t cost_of_definition(const struct toc_entry *entry, uint64_t bytes)
{
    switch (entry->type) {
    case ENTRY_INDEX:
    case ENTRY_CONSTRAINT:
        return cost_of_index(bytes);
    case ENTRY_FK_CONSTRAINT:
        return cost_of_key(bytes);
    default:
        return COST_STATEMENT_US;
    }
}

static bool is_quick_half(const struct plan_step *step)
{
    if (step->halved == NULL)
        return false;
    bool is_second = step->action == PLAN_DEFINE_SECOND_HALF;
    return step->entry->type == ENTRY_FK_CONSTRAINT ? !is_second : is_second;
}

uint64_t plan_cost_of_step(const struct plan_builder *builder, size_t node)
{
    const struct plan_step *step = &builder->plan->steps[node];
    uint64_t bytes = count_rows_bytes(builder, step->stored_bytes);

    switch (step->action) {
    case PLAN_PASS_BY:
    case PLAN_ENABLE_TRIGGERS:
        return SCHEDULE_AT_ONCE;
    case PLAN_LOAD_TABLE:
    case PLAN_LOAD_BLOBS:
    case PLAN_LOAD_PAGES:
        return cost_of_load(bytes);
    case PLAN_DISABLE_TRIGGERS:
        return COST_STATEMENT_US;
    case PLAN_ANALYZE:
        return cost_of_analyze(bytes);
    case PLAN_DEFINE:
    case PLAN_DEFINE_SECOND_HALF:
        break;
    }
    return is_quick_half(step) ? COST_STATEMENT_US : cost_of_definition(step->entry, bytes);
}
