#include "engine/dump/stable_snapshot.h"

#include "engine/base/arena.h"
#include "engine/base/clock.h"
#include "engine/dump/ddl_source.h"
#include "engine/dump/definition_changes.h"
#include "engine/dump/internal_options.h"
#include "engine/dump/locks.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

/* Definitions that keep changing are worth fewer attempts than tables that do: no row is at stake,
 * and what may be wrong is named. */
enum {
    MOST_ATTEMPTS = 20,
    ATTEMPTS_FOR_DEFINITIONS = 3,
    ATTEMPTS_FOR_ROOM = 3,
    LONGEST_PAUSE_MS = 500
};

/* Long enough for any ordinary DDL, short enough that a forgotten transaction is reported before
 * the night is over. */
static const char default_lock_wait_timeout[] = "5min";

static const char *lock_wait_timeout(const struct dump_options *options)
{
    return options->lock_wait_timeout ? options->lock_wait_timeout : default_lock_wait_timeout;
}

/* Beside the snapshot, not in it: a server that refuses to tell must not end the transaction. */
static void note_moment(struct stable_snapshot *snapshot, struct session *observer)
{
    struct rows *rows = NULL;
    struct error unused;

    snapshot->lsn[0] = snapshot->time[0] = '\0';
    if (!session_query(observer,
                       "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN "
                       "pg_catalog.pg_last_wal_replay_lsn() "
                       "ELSE pg_catalog.pg_current_wal_lsn() END, "
                       "pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', "
                       "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
                       &rows, &unused))
        return;
    snprintf(snapshot->lsn, sizeof(snapshot->lsn), "%s", rows_text(rows, 0, 0));
    snprintf(snapshot->time, sizeof(snapshot->time), "%s", rows_text(rows, 0, 1));
    rows_free(rows);
}

static struct ddl_request make_ddl_request(const struct stable_snapshot *snapshot,
                                           const struct stable_snapshot_request *request)
{
    return (struct ddl_request){
        .options = request->options,
        .connection = request->connection,
        .snapshot = snapshot->name,
        .encoding = request->encoding,
        .lock_wait_timeout = lock_wait_timeout(request->options),
        .folder = request->folder,
        .observer = request->observer,
        .coordinator_pid = session_backend_pid(request->coordinator),
        .program = request->program,
        .watch = request->watch,
    };
}

/* The source comes first where connections are scarce: without it there is no dump. */
static bool read_early(const struct stable_snapshot *snapshot,
                       const struct stable_snapshot_request *request, struct ddl_reading *reading,
                       struct error *error)
{
    return early_reads_prepare(request->early, error) &&
           ddl_from_pg_dump.await_connection(reading, error) &&
           early_reads_start(request->early, snapshot->name, error);
}

/* While the definitions are being read, rows can be: on the first attempt, since what makes it fail
 * is DDL that would disturb the others as well. */
static bool read_definitions(struct stable_snapshot *snapshot,
                             const struct stable_snapshot_request *request, bool is_first,
                             struct error *error)
{
    const struct ddl_request ddl = make_ddl_request(snapshot, request);
    struct ddl_reading *reading;

    if (!ddl_from_pg_dump.begin(&reading, &ddl, error))
        return false;
    if (is_first && !read_early(snapshot, request, reading, error)) {
        ddl_from_pg_dump.abandon(reading);
        return false;
    }
    if (!ddl_from_pg_dump.finish(reading, &snapshot->toc, error))
        return false;
    internal_options_strip_all(snapshot->toc);
    return true;
}

enum attempt { ATTEMPT_STABLE, ATTEMPT_DISTURBED, ATTEMPT_FAILED };

struct retry_rule {
    const char *words;
    unsigned attempts; /* how many such failures are taken for passing ones */
};

/* DDL that ends between pg_dump's catalog queries can make pg_dump itself fail; a new snapshot sees
 * it whole. What may as well be a broken catalog is tried once more only. */
static const struct retry_rule retry_rules[] = {
    {"ERROR:  relation \"", MOST_ATTEMPTS},
    {"could not open relation with OID", MOST_ATTEMPTS},
    {"deadlock detected", MOST_ATTEMPTS},
    {"appears to be empty", MOST_ATTEMPTS}, /* a view that was dropped */
    {"does not exist", 1},
    {"out of shared memory", 1}, /* where pg_dump's locks have found no room beside ours */
    {"cache lookup failed", 1},
};

static unsigned attempts_for(const struct error *error)
{
    if (error->kind == ERROR_CONFLICT)
        return MOST_ATTEMPTS;
    for (size_t i = 0; i < sizeof(retry_rules) / sizeof(retry_rules[0]); i++)
        if (strstr(error->message, retry_rules[i].words))
            return retry_rules[i].attempts;
    return 0;
}

/* What one attempt leaves to the next. */
struct attempts {
    const struct stable_snapshot_request *request;
    struct arena *arena;
    unsigned number;    /* of this attempt, from 1 */
    const char *tables; /* an oid[] of what the last one wanted to lock; NULL: not known */
    const char *what;   /* the table, or pg_dump's words, that the DDL was about */
    const char *newer;  /* objects whose definitions may be newer than the snapshot; NULL: none */
};

static struct lock_request make_lock_request(const struct attempts *attempts, const struct toc *toc)
{
    struct lock_request request = {
        .coordinator = attempts->request->coordinator,
        .observer = attempts->request->observer,
        .timeout = lock_wait_timeout(attempts->request->options),
        .toc = toc,
    };

    request.held = early_reads_oids(attempts->request->early, &request.held_count);
    return request;
}

/* A server with room for few locks may have none for ours while those of pg_dump, which was ended a
 * moment ago, are still there. Then the next attempt must not come before pg_dump with its locks.
 */
static bool may_find_room(struct attempts *attempts, const struct error *error)
{
    if (strcmp(error->sqlstate, "53200") != 0 || attempts->number >= ATTEMPTS_FOR_ROOM ||
        attempts->request->options->snapshot)
        return false;
    attempts->tables = NULL;
    return true;
}

/* In a deadlock with DDL the server lets somebody give way. If that are we, the next attempt's
 * locks find the DDL done. */
static enum attempt give_way(struct attempts *attempts, const struct error *error)
{
    if (strcmp(error->sqlstate, "40P01") != 0 && !may_find_room(attempts, error))
        return ATTEMPT_FAILED;
    attempts->what = arena_copy_text(attempts->arena, error->message);
    return ATTEMPT_DISTURBED;
}

/* Locks first, snapshot second: then nothing can come between. But pg_dump must lock too, and would
 * wait for ever behind DDL that waits for us; where that happens it says so (ERROR_CONFLICT). So
 * every other attempt is made without. */
static enum attempt begin(struct stable_snapshot *snapshot, struct attempts *attempts,
                          struct error *error)
{
    const struct stable_snapshot_request *request = attempts->request;
    const struct lock_request locks = make_lock_request(attempts, NULL);
    bool is_changed = false;

    if (!snapshot_begin(request->coordinator, request->options, error))
        return ATTEMPT_FAILED;
    if (attempts->tables && attempts->number % 2 == 0 &&
        !locks_take_early(&locks, attempts->arena, attempts->tables, &is_changed, error))
        return give_way(attempts, error);
    if (is_changed)
        return ATTEMPT_DISTURBED;
    if (!snapshot_export(request->coordinator, snapshot->name, error))
        return ATTEMPT_FAILED;
    atomic_store(&request->watch->snapshot_us, clock_now_us());
    note_moment(snapshot, request->observer);
    return ATTEMPT_STABLE;
}

static enum attempt lock_and_compare(const struct stable_snapshot *snapshot,
                                     struct attempts *attempts, struct error *error)
{
    const struct lock_request locks = make_lock_request(attempts, snapshot->toc);
    bool is_changed = false;

    attempts->tables = locks_list(snapshot->toc, attempts->arena, NULL);
    if (!locks_take(&locks, attempts->arena, &is_changed, &attempts->what, error))
        return give_way(attempts, error);
    return is_changed ? ATTEMPT_DISTURBED : ATTEMPT_STABLE;
}

static enum attempt compare_definitions(const struct stable_snapshot *snapshot,
                                        struct attempts *attempts, struct error *error)
{
    const struct definition_request request = {
        .coordinator = attempts->request->coordinator,
        .observer = attempts->request->observer,
        .toc = snapshot->toc,
    };

    if (!definition_changes_find(&request, attempts->arena, &attempts->newer, error))
        return ATTEMPT_FAILED;
    if (!attempts->newer || attempts->number >= ATTEMPTS_FOR_DEFINITIONS ||
        attempts->request->options->snapshot)
        return ATTEMPT_STABLE;
    attempts->what = attempts->newer;
    return ATTEMPT_DISTURBED;
}

static enum attempt compare(const struct stable_snapshot *snapshot, struct attempts *attempts,
                            struct error *error)
{
    enum attempt result = compare_definitions(snapshot, attempts, error);

    if (result == ATTEMPT_STABLE)
        result = lock_and_compare(snapshot, attempts, error);
    if (result == ATTEMPT_STABLE && attempts->newer)
        event_emit(attempts->request->watch->events, EVENT_WARNING,
                   "changed or dropped since the snapshot was taken, so definitions may be newer "
                   "than the rows, or not fit together: %s",
                   attempts->newer);
    return result;
}

/* pg_dump fails as well when the session that exports the snapshot is lost, and knows less of why.
 */
static bool is_lost(const struct attempts *attempts, struct error *error)
{
    struct error lost;

    if (error->kind == ERROR_CANCELLED || session_look(attempts->request->coordinator, &lost))
        return false;
    *error = lost;
    return true;
}

static enum attempt attempt(struct stable_snapshot *snapshot, struct attempts *attempts,
                            struct error *error)
{
    enum attempt result = begin(snapshot, attempts, error);

    if (result != ATTEMPT_STABLE)
        return result;
    if (!read_definitions(snapshot, attempts->request, attempts->number == 1, error)) {
        if (is_lost(attempts, error))
            return ATTEMPT_FAILED;
        attempts->what = arena_copy_text(attempts->arena, error->message);
        return attempts->number <= attempts_for(error) ? ATTEMPT_DISTURBED : ATTEMPT_FAILED;
    }
    result = compare(snapshot, attempts, error);
    if (result != ATTEMPT_STABLE) {
        toc_free(snapshot->toc);
        snapshot->toc = NULL;
    }
    return result;
}

static bool explain_unrest(const struct stable_snapshot_request *request, const char *what,
                           struct error *error)
{
    if (request->options->snapshot) {
        error_set(error, ERROR_CONFLICT, "DDL after snapshot \"%s\" was taken: %s",
                  request->options->snapshot, what);
        error_hint(
            error,
            "Take a new snapshot, or leave out --snapshot so that pgfast can take one itself.");
        return false;
    }
    error_set(error, ERROR_TIMEOUT, "tables kept being changed by DDL in %d attempts, the last: %s",
              MOST_ATTEMPTS, what);
    error_hint(error, "Run the dump when no ALTER TABLE or TRUNCATE runs all the time.");
    return false;
}

/* Ends the disturbed attempt's transaction, and with it its locks. What was read on its snapshot is
 * withdrawn first, so that who still reads knows why that fails. */
static bool start_over(const struct stable_snapshot_request *request, const char *what,
                       unsigned tries, struct error *error)
{
    event_emit(request->watch->events, EVENT_INFO,
               "something came between (%s), starting over with a new snapshot", what);
    early_reads_withdraw(request->early);
    atomic_store(&request->watch->snapshot_us, 0);
    poll(NULL, 0, (int)(50 * tries < LONGEST_PAUSE_MS ? 50 * tries : LONGEST_PAUSE_MS));
    return session_execute(request->coordinator, "ROLLBACK", error);
}

bool stable_snapshot_take(struct stable_snapshot *snapshot,
                          const struct stable_snapshot_request *request, struct error *error)
{
    struct attempts attempts = {.request = request, .arena = arena_create(), .what = ""};
    unsigned most = request->options->snapshot ? 1 : MOST_ATTEMPTS;
    enum attempt result = ATTEMPT_DISTURBED;

    *snapshot = (struct stable_snapshot){.toc = NULL};
    while (result == ATTEMPT_DISTURBED && attempts.number < most) {
        attempts.number++;
        if (attempts.number > 1 && !start_over(request, attempts.what, attempts.number, error))
            result = ATTEMPT_FAILED;
        else
            result = attempt(snapshot, &attempts, error);
    }
    if (result == ATTEMPT_DISTURBED)
        explain_unrest(request, attempts.what, error);
    arena_free(attempts.arena);
    return result == ATTEMPT_STABLE;
}
