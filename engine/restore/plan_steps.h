/* The steps of a plan: the entries, then a gate for each table, then the switching off of triggers,
 * then the gathering of statistics. Pure. */
#ifndef PGFAST_RESTORE_PLAN_STEPS_H
#define PGFAST_RESTORE_PLAN_STEPS_H

#include "engine/restore/plan_builder.h"

void plan_steps_make(struct plan_builder *builder);

#endif
