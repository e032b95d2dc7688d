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
#include <stddef.h>
#include <stdint.h>

struct lock_request {
    struct session *coordinator; /* in its transaction, on the snapshot */
    struct session *observer;    /* outside of it */
    const char *timeout;         /* as lock_timeout takes it; "0": none */
    const struct toc *toc;
    const uint32_t *held; /* ascending: what locks_try has locked and compared already */
    size_t held_count;
};

/* Locks every table that the table of contents defines or has data of. *is_changed: one of them is
 * no longer what the snapshot shows (*what names it), so that the dump must start over with a new
 * snapshot. ERROR_TIMEOUT names the session in the way. */
bool locks_take(const struct lock_request *request, struct arena *arena, bool *is_changed,
                const char **what, struct error *error) MUST_CHECK;

/* The same locks, taken before the transaction has a snapshot, by what an earlier attempt has
 * learned ("{1,2}": oids; they are named as they are called now). *is_changed: one of them went
 * away meanwhile. */
bool locks_take_early(const struct lock_request *request, struct arena *arena,
                      const char *oid_array, bool *is_changed, struct error *error) MUST_CHECK;

/* Tables to lock, by oid, ascending, named as the snapshot knows them. */
struct lock_list {
    const uint32_t *oids;
    const char *const *names;
    size_t count;
};

/* Locks and compares these as locks_take does, but without waiting, all or none: *is_held false
 * where a lock is not to be had or a table has changed; then the transaction is as it was. */
bool locks_try(const struct lock_request *request, struct arena *arena,
               const struct lock_list *list, bool *is_held, struct error *error) MUST_CHECK;

/* The tables that locks_take would lock, and those held, as an oid[]; *count may be NULL. */
const char *locks_list(const struct toc *toc, struct arena *arena, size_t *count);

/* Locks these in another session that is on the same snapshot, without waiting for any. */
bool locks_take_again(struct session *session, const char *oid_array,
                      struct error *error) MUST_CHECK;

#endif
