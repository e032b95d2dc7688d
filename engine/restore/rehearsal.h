/* A plan played through without a server: which step would begin when on which session, how long
 * the whole would take, and which chain of steps it waits for. As good as the costs are. Pure. */
#ifndef PGFAST_RESTORE_REHEARSAL_H
#define PGFAST_RESTORE_REHEARSAL_H

#include "engine/base/arena.h"
#include "engine/base/text.h"
#include "engine/restore/maintenance.h"
#include "engine/restore/plan.h"

struct rehearsed_step {
    const struct plan_step *step;
    unsigned session; /* from 1 */
    uint64_t begin_us, duration_us;
};

/* Only steps that are work. */
struct rehearsal {
    struct rehearsed_step *steps; /* as they begin */
    size_t count;
    uint64_t duration_us;
    const struct plan_step **chain; /* the most expensive one of steps that wait for each other */
    size_t chain_count;
    uint64_t chain_us;
};

/* Everything lives in the arena. What the maintenance grants makes builds faster. */
void rehearse(struct rehearsal *rehearsal, struct arena *arena, const struct plan *plan,
              const struct maintenance *maintenance, unsigned sessions);

void rehearsal_print(struct text *text, const struct rehearsal *rehearsal, const struct plan *plan,
                     unsigned sessions);

#endif
