/* The steps that one session takes together: one of any kind, or several small ones of the same
 * kind, which go in one transaction where they can. Made by the coordinator, given to a session's
 * thread, and given back with an outcome for each step. */
#ifndef PGFAST_RESTORE_ASSIGNMENT_H
#define PGFAST_RESTORE_ASSIGNMENT_H

#include "engine/restore/maintenance.h"
#include "engine/restore/outcome.h"
#include "engine/restore/plan.h"

struct assignment {
    size_t count, capacity;
    const struct plan_step **steps;
    struct outcome *outcomes; /* outcomes[i] is of steps[i]; zero until it is performed */
    uint64_t stored_bytes;
    enum maintenance_kind kind;
    struct maintenance_grant maintenance; /* for all of them, one after the other */
    bool is_repeated;                     /* its session was lost with the steps half done */
    bool is_tentative; /* definitions that are not told about: what fails is only postponed */
};

/* How many steps a session should get at once: few enough for all sessions to have work until the
 * end, of which `work_left` steps are left, and no more than `most`. Pure. */
size_t assignment_fair_count(size_t work_left, unsigned sessions, size_t most);

struct assignment *assignment_create(size_t capacity); /* at least 1 */
void assignment_free(struct assignment *assignment);   /* accepts NULL */

/* False: the step has to go in another one. An empty one takes any step. */
bool assignment_add(struct assignment *assignment, const struct plan_step *step);

#endif
