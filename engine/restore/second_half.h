/* The second half of an entry, on a session. Where it fails, the first is taken back: as with the
 * stock tool, nothing is left of an object that could not be restored. */
#ifndef PGFAST_RESTORE_SECOND_HALF_H
#define PGFAST_RESTORE_SECOND_HALF_H

#include "engine/restore/plan.h"
#include "engine/restore/target.h"

void second_half_perform(struct target *target, const struct plan_step *step,
                         struct outcome *outcome);

#endif
