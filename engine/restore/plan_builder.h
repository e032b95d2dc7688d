/* A plan while it is being made: what its makers (plan_steps, plan_nodes and what these lean on)
 * hand to each other. One thread, and gone when the plan is there. */
#ifndef PGFAST_RESTORE_PLAN_BUILDER_H
#define PGFAST_RESTORE_PLAN_BUILDER_H

#include "engine/restore/analyses.h"
#include "engine/restore/numbers.h"
#include "engine/restore/plan.h"
#include "engine/restore/table_graph.h"

/* What only the making of the plan knows about a table. All numbers + 1, 0 is none. */
struct plan_table_notes {
    size_t last_data_node;
    size_t last_index_node; /* of what ANALYZE looks at: its indexes and extended statistics */
    size_t disable_node;    /* switches its triggers off */
    size_t analyze_node;
    size_t summed_for; /* the last node that its size went into the cost of */
};

struct plan_builder {
    struct plan *plan;
    struct arena *arena;
    const struct toc *toc;
    const struct selection *selection;
    const uint64_t *stored_bytes;
    uint64_t rows_bytes; /* stored, of all tables to be loaded */
    const struct plan_options *options;
    bool *is_serial;         /* by place in the selection */
    size_t *node_by_dump_id; /* number + 1 */
    size_t *next_of_table;   /* by node: number + 1 of another of its kind and table */
    size_t entry_node_count;
    size_t first_analysis; /* the nodes from there on gather statistics */
    struct analyses analyses;
    size_t first_gate; /* the gate of table t is step first_gate + t */
    struct table_graph graph;
    struct plan_table_notes *notes; /* by table */
    struct numbers family;
    struct numbers dependencies; /* of the node being made, as are its locks */
    struct schedule_lock *locks;
    size_t lock_count, lock_capacity;
};

/* The number + 1 of the table that the entry defines, or holds rows of. */
static inline size_t plan_builder_table(const struct plan_builder *builder, int dump_id)
{
    return table_graph_find(&builder->graph, dump_id);
}

static inline bool plan_builder_knows(const struct plan_builder *builder, int dump_id)
{
    return dump_id > 0 && dump_id <= builder->toc->largest_dump_id;
}

#endif
