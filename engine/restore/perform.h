/* One step of the plan, on a session. */
#ifndef PGFAST_RESTORE_PERFORM_H
#define PGFAST_RESTORE_PERFORM_H

#include "engine/restore/plan.h"
#include "engine/restore/target.h"

void perform_step(struct target *target, const struct plan_step *step, struct outcome *outcome);

#endif
