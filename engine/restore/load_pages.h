/* One file of packed large objects: as it is, by COPY, where the server lets us; by lo_put
 * otherwise, and object by object where one of them stands in the way of the others. */
#ifndef PGFAST_RESTORE_LOAD_PAGES_H
#define PGFAST_RESTORE_LOAD_PAGES_H

#include "engine/restore/plan.h"
#include "engine/restore/target.h"

void load_pages(struct target *target, const struct plan_step *step, struct outcome *outcome);

#endif
