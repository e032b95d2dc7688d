/* Which tables are being loaded just now, and by how many sessions, for the display: several may be
 * at one table, in pieces that it was dumped in, or with a share each of its rows. Kept by the
 * coordinator, as it gives assignments and gets them back; others read the counters. */
#ifndef PGFAST_RESTORE_LOADING_H
#define PGFAST_RESTORE_LOADING_H

#include "engine/flow/counters.h"
#include "engine/restore/assignment.h"

struct loading {
    const struct plan *plan;
    struct counters *counters;
    unsigned *sessions; /* at each table of the plan */
};

void loading_init(struct loading *loading, const struct plan *plan, struct counters *counters);
void loading_clear(struct loading *loading); /* whatever goes on: the display shows it no more */

/* An assignment that does not load is none of its business. Of several small tables a session loads
 * one after the other: one counts. */
void loading_begin(struct loading *loading, const struct assignment *assignment);
void loading_end(struct loading *loading, const struct assignment *assignment);

#endif
