/* How many sessions share the work of one entry. Pure. */
#ifndef PGFAST_RESTORE_PLAN_PARTS_H
#define PGFAST_RESTORE_PLAN_PARTS_H

#include "engine/restore/plan_builder.h"

/* Of the entry at `place` in the selection. At least 1. */
unsigned plan_parts_count(const struct plan_builder *builder, size_t place);

/* Stored, of all tables to be loaded. */
uint64_t plan_parts_sum_rows(const struct plan_builder *builder);

#endif
