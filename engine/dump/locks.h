/* Keeps the tables of a dump as they are: ACCESS SHARE locks of the coordinator, and the proof that
 * nothing came between the snapshot and the locks. A snapshot alone does not protect: a table that
 * was rewritten or truncated after it looks empty. */
#ifndef PGFAST_DUMP_LOCKS_H
#define PGFAST_DUMP_LOCKS_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/server/session.h"

#include <stdbool.h>

struct lock_request {
    struct session *coordinator; /* in its transaction, on the snapshot */
    struct session *observer;    /* outside of it */
    const char *timeout;         /* as lock_timeout takes it; "0": none */
    const struct toc *toc;
};

/* Locks every table that the table of contents defines or has data of. *is_changed: one of them is
 * no longer what the snapshot shows (*what names it), so that the dump must start over with a new
 * snapshot. ERROR_TIMEOUT names the session in the way. */
bool locks_take(const struct lock_request *request, struct arena *arena, bool *is_changed,
                const char **what, struct error *error) MUST_CHECK;

#endif
