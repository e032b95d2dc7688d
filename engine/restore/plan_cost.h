/* What the steps of a plan cost, of the sizes of their tables (cost.h). Pure. */
#ifndef PGFAST_RESTORE_PLAN_COST_H
#define PGFAST_RESTORE_PLAN_COST_H

#include "engine/restore/plan_builder.h"

/* Stored bytes of the tables that the node's entry depends on, each once, however many data entries
 * it has; of a foreign key with what descends from them, which is checked as well. */
uint64_t plan_cost_sum_tables(struct plan_builder *builder, size_t node,
                              const struct toc_entry *entry);

/* Of a step whose stored bytes are known: microseconds, or SCHEDULE_AT_ONCE. */
uint64_t plan_cost_of_step(const struct plan_builder *builder, size_t node);

#endif
