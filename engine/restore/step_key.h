/* What the journal calls a step when it is done; 0: nothing, it is done again. Pure. */
#ifndef PGFAST_RESTORE_STEP_KEY_H
#define PGFAST_RESTORE_STEP_KEY_H

#include "engine/restore/journal_keys.h"
#include "engine/restore/plan.h"

uint64_t step_key(const struct plan_step *step);

#endif
