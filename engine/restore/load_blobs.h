/* The contents of the large objects of one BLOBS entry, or of one share of them. The objects are
 * there already. */
#ifndef PGFAST_RESTORE_LOAD_BLOBS_H
#define PGFAST_RESTORE_LOAD_BLOBS_H

#include "engine/restore/plan.h"
#include "engine/restore/target.h"

void load_blobs(struct target *target, const struct plan_step *step, struct outcome *outcome);

#endif
