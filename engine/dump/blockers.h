/* Who stands in the way when a lock is not to be had. */
#ifndef PGFAST_DUMP_BLOCKERS_H
#define PGFAST_DUMP_BLOCKERS_H

#include "engine/base/error.h"
#include "engine/server/session.h"

struct blocker {
    char relation[160];    /* qualified and quoted; "" where it is not known */
    bool waits_for_us;     /* and can only go on when we let go of a lock */
    char description[400]; /* "session 4711 (user app, idle in transaction, last query: …)" */
};

/* A session that blocks, now, one named application_name; own_pid is that of our session that holds
 * locks. True when there is one; failures count as none. */
bool blockers_find(struct blocker *blocker, struct session *observer, const char *application_name,
                   int own_pid);

/* A session that holds, or waits for, an ACCESS EXCLUSIVE lock on one of the relations ("{1,2}": an
 * oid[]). */
bool blockers_find_holder(struct blocker *blocker, struct session *observer, const char *oid_array);

/* "could not lock table x within 2s: blocked by session …", with the way out as a hint. */
bool blockers_explain(const struct blocker *blocker, const char *timeout, struct error *error);

#endif
