/* What has to wait for a resumed run, when rows have found no room on the server: whatever is made
 * on top of them would be made without them. A trigger would fire for them when they come, a
 * foreign key would be in the way of emptying the table, a materialized view would lack them for
 * ever. Pure.
 */
#ifndef PGFAST_RESTORE_HOLD_BACK_H
#define PGFAST_RESTORE_HOLD_BACK_H

#include "engine/restore/plan.h"

#include <stdbool.h>

/* A step that loads has failed, or is barred, in a restore in which something found no room: it may
 * be for want of just that. */
void hold_back_note(const struct plan *plan, const struct plan_step *load);

/* Asked of each step in its turn, in such a restore: is it to be left? Whoever waits for it will
 * be, too. What switches triggers, and other loads, go on. */
bool hold_back_is_due(const struct plan *plan, const struct plan_step *step);

#endif
