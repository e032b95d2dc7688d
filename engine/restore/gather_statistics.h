/* The ANALYZE of a step's relations, on a session. Statistics that cannot be had are a warning. */
#ifndef PGFAST_RESTORE_GATHER_STATISTICS_H
#define PGFAST_RESTORE_GATHER_STATISTICS_H

#include "engine/restore/plan.h"
#include "engine/restore/target.h"

void gather_statistics(struct target *target, const struct plan_step *step,
                       struct outcome *outcome);

#endif
