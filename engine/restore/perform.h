/* Steps of the plan, on a session. */
#ifndef PGFAST_RESTORE_PERFORM_H
#define PGFAST_RESTORE_PERFORM_H

#include "engine/restore/assignment.h"
#include "engine/restore/target.h"

/* Small steps together where that goes well, otherwise one by one. After a step whose outcome
 * stops, the others are left. */
void perform_assignment(struct target *target, struct assignment *assignment);

#endif
