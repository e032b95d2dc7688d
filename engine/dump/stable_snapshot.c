#include "engine/dump/stable_snapshot.h"

#include "engine/base/arena.h"
#include "engine/dump/ddl_source.h"
#include "engine/dump/internal_options.h"
#include "engine/dump/locks.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { MOST_ATTEMPTS = 10 };

/* Long enough for any ordinary DDL, short enough that a forgotten transaction is reported before
 * the night is over. */
static const char default_lock_wait_timeout[] = "5min";

static const char *lock_wait_timeout(const struct dump_options *options)
{
    return options->lock_wait_timeout ? options->lock_wait_timeout : default_lock_wait_timeout;
}

/* Beside the snapshot, not in it: a server that refuses to tell must not end the transaction. */
static void note_lsn(struct stable_snapshot *snapshot, struct session *observer)
{
    struct rows *rows = NULL;
    struct error unused;

    snapshot->lsn[0] = '\0';
    if (!session_query(observer,
                       "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN "
                       "pg_catalog.pg_last_wal_replay_lsn() "
                       "ELSE pg_catalog.pg_current_wal_lsn() END",
                       &rows, &unused))
        return;
    snprintf(snapshot->lsn, sizeof(snapshot->lsn), "%s", rows_text(rows, 0, 0));
    rows_free(rows);
}

static bool read_definitions(struct stable_snapshot *snapshot,
                             const struct stable_snapshot_request *request, struct error *error)
{
    const struct ddl_request ddl = {
        .options = request->options,
        .connection = request->connection,
        .snapshot = snapshot->name,
        .encoding = request->encoding,
        .lock_wait_timeout = lock_wait_timeout(request->options),
        .folder = request->folder,
        .observer = request->observer,
        .program = request->program,
        .watch = request->watch,
    };

    if (!ddl_from_pg_dump.read(&snapshot->toc, &ddl, error))
        return false;
    internal_options_strip_all(snapshot->toc);
    return true;
}

static bool attempt(struct stable_snapshot *snapshot, const struct stable_snapshot_request *request,
                    struct arena *arena, bool *is_changed, const char **what, struct error *error)
{
    const struct lock_request locks = {
        .coordinator = request->coordinator,
        .observer = request->observer,
        .timeout = lock_wait_timeout(request->options),
    };

    if (!snapshot_begin(request->coordinator, request->options, snapshot->name, error))
        return false;
    note_lsn(snapshot, request->observer);
    if (!read_definitions(snapshot, request, error))
        return false;

    struct lock_request with_toc = locks;

    with_toc.toc = snapshot->toc;
    if (locks_take(&with_toc, arena, is_changed, what, error) && !*is_changed)
        return true;
    toc_free(snapshot->toc);
    snapshot->toc = NULL;
    return *is_changed;
}

static bool explain_unrest(const struct stable_snapshot_request *request, const char *what,
                           struct error *error)
{
    if (request->options->snapshot) {
        error_set(error, ERROR_CONFLICT,
                  "table %s was changed by DDL after snapshot \"%s\" was taken", what,
                  request->options->snapshot);
        error_hint(
            error,
            "Take a new snapshot, or leave out --snapshot so that pgfast can take one itself.");
        return false;
    }
    error_set(error, ERROR_TIMEOUT,
              "tables kept being changed by DDL in %d attempts, the last was %s", MOST_ATTEMPTS,
              what);
    error_hint(error, "Run the dump when no ALTER TABLE or TRUNCATE runs all the time.");
    return false;
}

/* DDL that ends between pg_dump's catalog queries can make pg_dump itself fail; a new snapshot sees
 * it whole. */
static bool is_worth_another(const struct error *error)
{
    return strstr(error->message, "does not exist") ||
           strstr(error->message, "cache lookup failed") ||
           strstr(error->message, "could not open relation with OID") ||
           strstr(error->message, "deadlock detected");
}

bool stable_snapshot_take(struct stable_snapshot *snapshot,
                          const struct stable_snapshot_request *request, struct error *error)
{
    struct arena *arena = arena_create();
    const char *what = "?";
    bool is_taken = false, is_failed = false;

    *snapshot = (struct stable_snapshot){.toc = NULL};
    for (unsigned tries = 0; !is_taken && !is_failed && tries < MOST_ATTEMPTS; tries++) {
        bool is_changed = false;
        struct error rollback;

        if (tries > 0) {
            event_emit(
                request->watch->events, EVENT_INFO,
                "%s was changed by DDL after the snapshot was taken, starting over with a new one",
                what);
            poll(NULL, 0, (int)(50 * tries));
            if (!session_execute(request->coordinator, "ROLLBACK", &rollback)) {
                *error = rollback;
                is_failed = true;
                continue;
            }
        }
        if (attempt(snapshot, request, arena, &is_changed, &what, error))
            is_taken = !is_changed;
        else if (tries + 1 < 3 && !request->options->snapshot && is_worth_another(error))
            what = "the database";
        else
            is_failed = true;
        if (request->options->snapshot && is_changed)
            break;
    }
    if (!is_taken && !is_failed)
        explain_unrest(request, what, error);
    arena_free(arena);
    return is_taken;
}
