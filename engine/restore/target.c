#include "engine/restore/target.h"

#include "engine/base/arena.h"
#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/memory.h"
#include "engine/restore/hint.h"
#include "engine/restore/wait_for_disk.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 3, PAUSE_MS = 100, LONGEST_PAUSE_MS = 5000 };
enum { SINCE_CONNECTION_CHECKS = 140000 };

/* So that the server does not go on for long with what nobody waits for any more: another run has
 * to wait for that. Where its system cannot tell, it says so, and nothing else changes. */
static void ask_for_connection_checks(struct session *session)
{
    struct error ignored;

    if (session_server_version(session) >= SINCE_CONNECTION_CHECKS &&
        !session_execute(session, "SET client_connection_check_interval = '2s'", &ignored))
        return;
}

bool target_join(struct target *target, struct journal_run *journal, struct error *error)
{
    ask_for_connection_checks(target->session);
    target->number = atomic_fetch_add(&journal->last_number, 1) + 1;
    return journal_join(target->session, journal, target->number, error);
}

static bool set_up(struct target *target, struct error *error)
{
    target->maintenance = (struct maintenance_grant){.memory_kb = 0};

    const struct session_setup setup = {
        .role = target->settings->role,
        .enable_row_security = target->settings->enable_row_security,
        .first_role = target->settings->first_role,
        .is_in_own_database = target->settings->is_in_own_database,
        .server_version = session_server_version(target->session),
        .database_encoding = session_parameter(target->session, "server_encoding"),
    };
    struct statement_list list;

    if (!target->settings->is_one_transaction &&
        !session_execute(target->session, "SET synchronous_commit = off", error))
        return false;
    if (!statement_session_setup(&list, target->arena, target->settings->archive->toc, &setup,
                                 error))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        if (!session_execute(target->session, list.items[i].sql, error)) {
            error_prefix(error, "could not set up the session");
            return false;
        }
    }
    return target->settings->journal == NULL ||
           target_join(target, target->settings->journal, error);
}

bool target_set_maintenance(struct target *target, const struct maintenance_grant *grant,
                            struct error *error)
{
    char memory[64] = "DEFAULT", workers[32] = "DEFAULT", sql[256];

    if (maintenance_grants_are_equal(&target->maintenance, grant))
        return true;
    if (grant->memory_kb > 0)
        snprintf(memory, sizeof memory, "%" PRIu64, grant->memory_kb);
    if (grant->sets_workers)
        snprintf(workers, sizeof workers, "%u", grant->workers);
    snprintf(sql, sizeof sql,
             "SET maintenance_work_mem = %s; SET max_parallel_maintenance_workers = %s; "
             "SET min_parallel_table_scan_size = %s",
             memory, workers, grant->is_spread ? "0" : "DEFAULT");
    if (!session_execute(target->session, sql, error))
        return false;
    target->maintenance = *grant;
    return true;
}

bool target_open(struct target **target, const struct connection *connection,
                 const struct target_settings *settings, struct error *error)
{
    struct target *made = memory_allocate(1, sizeof *made);

    made->settings = settings;
    made->connection = connection;
    made->arena = arena_create();
    made->buffer = FAULT_OR("memory.load_buffer", NULL, malloc(TARGET_BUFFER_BYTES));
    if (made->buffer == NULL) {
        error_set(error, ERROR_RESOURCE, "no memory for a session's buffer");
        goto fail;
    }
    if (!session_open(&made->session, connection, "pgfast restore", settings->watch->cancel, error))
        goto fail;
    session_show_pulse(made->session, &settings->watch->pulses);
    if (!set_up(made, error))
        goto fail;
    made->batch_size = batch_size_for(settings->lock_slots, settings->sessions);
    *target = made;
    return true;

fail:
    target_close(made);
    return false;
}

void target_close(struct target *target)
{
    if (target == NULL)
        return;
    session_close(target->session);
    journal_keys_clear(&target->marks);
    journal_keys_clear(&target->known);
    free(target->buffer);
    arena_free(target->arena);
    free(target);
}

/* ---- when the server is away ---- */

static void pause_ms(const struct target_settings *settings, int milliseconds)
{
    struct pollfd end = {.fd = cancel_descriptor(settings->watch->cancel), .events = POLLIN};

    (void)poll(&end, 1, milliseconds);
}

/* It is stopped or begins again, or has no room just now. */
static bool is_away(const struct error *error)
{
    return error->kind == ERROR_CONNECTION &&
           (error->sqlstate[0] == '\0' || strncmp(error->sqlstate, "08", 2) == 0 ||
            strncmp(error->sqlstate, "57P0", 4) == 0);
}

bool target_found_no_room(const struct error *error)
{
    return strncmp(error->sqlstate, "53", 2) == 0;
}

/* A session that is lost again while it is being set up is no reason to give up. */
static bool may_come_back(const struct error *error)
{
    return is_away(error) || target_found_no_room(error) ||
           (error->kind == ERROR_SERVER &&
            (error->sqlstate[0] == '\0' || strncmp(error->sqlstate, "57P0", 4) == 0));
}

static bool may_wait(const struct target_settings *settings, uint64_t begin_us, int *wait_ms)
{
    if (cancel_is_set(settings->watch->cancel) ||
        clock_now_us() - begin_us >= settings->reconnect_limit_us)
        return false;
    pause_ms(settings, *wait_ms);
    *wait_ms = 2 * *wait_ms < LONGEST_PAUSE_MS ? 2 * *wait_ms : LONGEST_PAUSE_MS;
    return !cancel_is_set(settings->watch->cancel);
}

static bool is_worth_waiting(const struct target_settings *settings, bool may_be_full,
                             const struct error *error)
{
    if (target_found_no_room(error))
        return may_be_full;
    return settings->journal != NULL && may_come_back(error);
}

static bool open_in_time(struct target **target, const struct connection *connection,
                         const struct target_settings *settings, bool may_be_full,
                         struct error *error)
{
    uint64_t begin_us = clock_now_us();
    int wait_ms = PAUSE_MS;

    while (!target_open(target, connection, settings, error))
        if (!is_worth_waiting(settings, may_be_full, error) ||
            !may_wait(settings, begin_us, &wait_ms))
            return false;
    return true;
}

bool target_open_patiently(struct target **target, const struct connection *connection,
                           const struct target_settings *settings, struct error *error)
{
    return open_in_time(target, connection, settings, false, error);
}

bool target_open_again(struct target **target, const struct connection *connection,
                       const struct target_settings *settings, struct error *error)
{
    return open_in_time(target, connection, settings, true, error);
}

bool target_is_recoverable(const struct target *target)
{
    return !session_is_usable(target->session) && target->settings->journal != NULL &&
           !cancel_is_set(target->settings->watch->cancel);
}

static bool read_journal_again(struct target *target, struct error *error)
{
    journal_keys_clear(&target->known);
    return journal_read_keys(target->session, &target->known, error);
}

/* `number` is that of the session whose work is in doubt. */
static bool replace_session(struct target *target, unsigned number, struct error *error)
{
    const struct target_settings *settings = target->settings;
    struct session *opened;

    if (!session_open(&opened, target->connection, "pgfast restore", settings->watch->cancel,
                      error))
        return false;
    session_close(target->session);
    target->session = opened;
    target->state = (struct statement_state){.user = NULL};
    target->maintenance = (struct maintenance_grant){.memory_kb = 0};
    journal_keys_clear(&target->marks);
    session_show_pulse(opened, &settings->watch->pulses);
    if (!journal_await_end(opened, settings->watch->cancel, number, settings->reconnect_limit_us,
                           error) ||
        !set_up(target, error) || !read_journal_again(target, error))
        return false;
    (void)target_forget_warnings(target); /* of the connection, which the first one had, too */
    return true;
}

bool target_recover(struct target *target, struct error *error)
{
    uint64_t begin_us = clock_now_us();
    unsigned number = target->number;
    int wait_ms = PAUSE_MS;

    while (!replace_session(target, number, error)) {
        if (may_come_back(error) && may_wait(target->settings, begin_us, &wait_ms))
            continue;
        error_prefix(error, "a session was lost, and cannot be replaced");
        return false;
    }
    return true;
}

/* ---- the journal ---- */

bool target_is_done(const struct target *target, uint64_t key)
{
    const struct journal_run *journal = target->settings->journal;

    return journal != NULL &&
           (journal_keys_have(&journal->done, key) || journal_keys_have(&target->known, key));
}

void target_mark(struct target *target, uint64_t key)
{
    if (target->settings->journal != NULL)
        journal_keys_add(&target->marks, key);
}

/* Whoever the session is for the owners' sake, the journal is its own user's. */
static void append_marks(struct text *sql, const struct target *target)
{
    const struct statement_options *options = &target->settings->statements;

    if (options->use_session_authorization || options->superuser != NULL)
        text_append(sql, "SET LOCAL SESSION AUTHORIZATION DEFAULT;");
    journal_append_note(sql, target->marks.items, target->marks.count);
}

/* All in one string: no round trip more than the commit takes by itself. */
static bool commit_with_marks(struct target *target, const char *begin, struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, begin);
    if (target->marks.count > 0)
        append_marks(&sql, target);
    text_append(&sql, "COMMIT");
    FAULT_POINT("restore.commit.before");

    bool is_done = session_execute(target->session, sql.data, error);

    FAULT_POINT("restore.commit.after");
    text_clear(&sql);
    target->marks.count = 0;
    return is_done;
}

bool target_note(struct target *target, uint64_t key, struct error *error)
{
    if (target->settings->journal == NULL)
        return true;
    target_mark(target, key);
    return commit_with_marks(target, "BEGIN;", error);
}

void target_renew_arena(struct target *target)
{
    arena_free(target->arena);
    target->arena = arena_create();
}

void target_warn(const struct target *target, const char *label)
{
    const char *warning;

    while ((warning = session_next_warning(target->session)) != NULL)
        event_emit(target->settings->watch->events, EVENT_WARNING, "%s: %s", label, warning);
}

bool target_forget_warnings(const struct target *target)
{
    bool has_any = false;

    while (session_next_warning(target->session) != NULL)
        has_any = true;
    return has_any;
}

bool target_execute(struct target *target, const char *label, const char *sql, struct error *error)
{
    for (unsigned attempt = 1;; attempt++) {
        bool is_done = session_execute(target->session, sql, error);
        target_warn(target, label);
        if (is_done)
            return true;
        if (session_is_in_transaction(target->session) || !target_may_retry(target, error, attempt))
            return false;
    }
}

/* Commits of the sessions have not waited for the disk. This one does, and with its own record,
 * which it must have one for (a large object that comes and goes), the server makes all earlier
 * ones durable. */
bool target_make_durable(struct target *target, struct error *error)
{
    return session_execute(target->session,
                           WAIT_FOR_DISK "SELECT pg_catalog.lo_unlink(pg_catalog.lo_create(0))",
                           error);
}

bool target_begin_whole(struct target *target, struct error *error)
{
    return !target->settings->is_one_transaction ||
           session_execute(target->session, "BEGIN", error);
}

bool target_commit_whole(struct target *target, struct error *error)
{
    return !target->settings->is_one_transaction ||
           session_execute(target->session, "COMMIT", error);
}

bool target_begin(struct target *target, struct error *error)
{
    return target->settings->is_one_transaction || session_execute(target->session, "BEGIN", error);
}

bool target_commit(struct target *target, struct error *error)
{
    return target->settings->is_one_transaction || commit_with_marks(target, "", error);
}

void target_rollback(struct target *target)
{
    struct error ignored = {.kind = ERROR_NONE};

    target->marks.count = 0;
    if (target->settings->is_one_transaction || !session_is_usable(target->session) ||
        !session_is_in_transaction(target->session))
        return;
    /* A session that cannot even do this is not usable afterwards, and that is looked at. */
    if (!session_execute(target->session, "ROLLBACK", &ignored))
        return;
}

const char *target_batch_opening(const struct target *target)
{
    return target->settings->is_one_transaction ? "SAVEPOINT pgfast_batch" : "BEGIN";
}

bool target_end_batch(struct target *target, struct error *error)
{
    return target->settings->is_one_transaction
               ? session_execute(target->session, "RELEASE SAVEPOINT pgfast_batch", error)
               : commit_with_marks(target, "", error);
}

void target_undo_batch(struct target *target)
{
    struct error ignored = {.kind = ERROR_NONE};

    (void)target_forget_warnings(target);
    if (!target->settings->is_one_transaction)
        target_rollback(target);
    else if (session_is_usable(target->session))
        (void)!session_execute(target->session,
                               "ROLLBACK TO SAVEPOINT pgfast_batch; "
                               "RELEASE SAVEPOINT pgfast_batch",
                               &ignored);
}

/* Other sessions of the restore hold the locks of a batch each, for a moment. */
static bool is_out_of_locks(const struct error *error)
{
    return strcmp(error->sqlstate, "53200") == 0 &&
           strstr(error->hint, "max_locks_per_transaction") != NULL;
}

/* Deadlocks, serialization failures, and two sessions at one row of a catalog, for which the server
 * has no code of its own. */
static bool is_passing(const struct error *error)
{
    return strcmp(error->sqlstate, "40P01") == 0 || strcmp(error->sqlstate, "40001") == 0 ||
           is_out_of_locks(error) ||
           (strcmp(error->sqlstate, "XX000") == 0 &&
            strstr(error->message, "concurrently") != NULL);
}

bool target_may_retry(const struct target *target, const struct error *error, unsigned attempt)
{
    if (target->settings->is_one_transaction || attempt >= ATTEMPTS || !is_passing(error) ||
        !session_is_usable(target->session))
        return false;
    pause_ms(target->settings, (int)attempt * PAUSE_MS);
    return !cancel_is_set(target->settings->watch->cancel);
}

void target_fail(const struct target *target, struct outcome *outcome, const char *label,
                 const struct toc_entry *entry, struct error *error)
{
    const struct target_settings *settings = target->settings;

    if (outcome->stops)
        return;
    hint_add(error, entry, settings->hint_course);
    if (error->kind == ERROR_CANCELLED || settings->exit_on_error ||
        !session_is_usable(target->session)) {
        outcome->stops = true;
        outcome->error = *error;
        if (error->kind != ERROR_CANCELLED)
            error_prefix(&outcome->error, "%s", label);
    } else {
        if (outcome->error_count == 0)
            outcome->error = *error;
        event_emit_failure(settings->watch->events, label, error);
    }
    if (error->kind == ERROR_CANCELLED)
        return;
    outcome->error_count++;
    outcome->damage_count += error->kind == ERROR_DAMAGED;
    outcome->is_hostile = outcome->is_hostile || error->kind == ERROR_HOSTILE;
    outcome->found_no_room = outcome->found_no_room || target_found_no_room(error);
    counter_add(&settings->watch->counters.errors, 1);
}
