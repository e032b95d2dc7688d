/* The rows of one TABLE DATA entry into its table: all of them, checked to the end, in one
 * transaction; or none. */
#ifndef PGFAST_RESTORE_LOAD_TABLE_H
#define PGFAST_RESTORE_LOAD_TABLE_H

#include "engine/restore/plan.h"
#include "engine/restore/target.h"

void load_table(struct target *target, const struct plan_step *step, struct outcome *outcome);

#endif
