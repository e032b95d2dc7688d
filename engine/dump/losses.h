/* What of the data no way of reading could bring: rows beyond COPY's gigabyte, and what lies on a
 * damaged page. A dump goes on without them, names each, and does not end with success. */
#ifndef PGFAST_DUMP_LOSSES_H
#define PGFAST_DUMP_LOSSES_H

#include "engine/archive/manifest.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/event.h"
#include "engine/dump/plan.h"

struct loss {
    const char *of;     /* "table public.t", "large object 4711" */
    const char *what;   /* "row (5,3), key (id) = (17)" */
    struct error error; /* what the server said */
    struct loss *next;
};

/* In the order in which they were met; everything lives in the arena. */
struct losses {
    struct arena *arena;
    const char *hint; /* for those of an attempt: how such a row might be kept; NULL: nothing */
    struct loss *first, *last;
    size_t count;
};

/* May the failure be one of the data, rather than of the session, the server or a privilege? Pure.
 */
bool losses_may_explain(const struct copy_task *task, const struct error *error);

/* `of` and `what` are copied. */
void losses_add(struct losses *losses, const char *of, const char *what, const struct error *error);

/* What an attempt has met, once it has come to its end: told as events, and added to the others. */
void losses_settle(struct losses *losses, struct losses *attempt, struct event_stream *events);

/* As the manifest lists them. */
void losses_describe(const struct losses *losses, struct manifest *manifest);

#endif
