#include "engine/restore/journal.h"

#include "engine/base/clock.h"
#include "engine/base/memory.h"
#include "engine/restore/wait_for_disk.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of advisory locks, in the form of two numbers: a class of ours ("pgfj"), and in it 0 for the lock
 * that all sessions share, or the number of a session. They are the database's own. */
#define LOCK_CLASS "1885824618"
#define RUN "pgfast_journal.run"
#define DONE "pgfast_journal.done"
/* Not logged, so a crash empties it: what is in it has seen no crash. */
#define ALIVE "pgfast_journal.alive"

enum { SINCE_EVENT_TRIGGERS_OFF = 170000, LOOK_INTERVAL_MS = 100 };
#define GRACE_US UINT64_C(1000000)

void journal_head_clear(struct journal_head *head)
{
    free(head->archive);
    free(head->options);
    free(head->selection);
    *head = (struct journal_head){.archive = NULL};
}

static bool is_true(const struct rows *rows, int column)
{
    return strcmp(rows_text(rows, 0, column), "t") == 0;
}

/* ---- before the work ---- */

static bool count_attempts(struct session *session, unsigned *attempts, struct error *error)
{
    struct rows *rows;

    if (!session_query(session, "SELECT pg_catalog.max(attempt) FROM " RUN, &rows, error))
        return false;
    *attempts = (unsigned)rows_number(rows, 0, 0);
    rows_free(rows);
    return true;
}

bool journal_look(struct session *session, struct journal_facts *facts, struct error *error)
{
    static const char question[] =
        "SELECT pg_catalog.to_regclass('" DONE "') IS NOT NULL,"
        " pg_catalog.pg_try_advisory_lock(" LOCK_CLASS ", 0),"
        " pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),"
        " NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid >= 16384)"
        " AND NOT EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid >= 16384)"
        " AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE oid >= 16384)"
        " AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace"
        "  WHERE oid >= 16384 AND nspname !~ '^pg_')"
        " AND NOT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE oid >= 16384)"
        " AND NOT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)";
    struct rows *rows;

    if (!session_query(session, question, &rows, error))
        return false;
    *facts = (struct journal_facts){
        .is_there = is_true(rows, 0),
        .is_free = is_true(rows, 1),
        .may_be_made = is_true(rows, 2),
        .is_empty = is_true(rows, 3),
    };
    rows_free(rows);
    return !facts->is_there || count_attempts(session, &facts->attempts, error);
}

/* Literals of our own making: digests and words, in which the user's names may be. */
static void append_literal(struct text *sql, const char *value)
{
    text_append(sql, "E'");
    for (; *value != '\0'; value++) {
        if (*value == '\'' || *value == '\\')
            text_append_char(sql, '\\');
        text_append_char(sql, *value);
    }
    text_append_char(sql, '\'');
}

/* The journal itself is of use to this server only: it need not wait for standbys. */
#define BEGIN_ON_DISK "BEGIN;\nSET LOCAL synchronous_commit = local;\n"

#define REMOVE_STATEMENTS                                                                          \
    "DROP TABLE " DONE ", " ALIVE ", " RUN ";\n"                                                   \
    "DROP SCHEMA " JOURNAL_SCHEMA ";\n"

/* The identity is full because rows are deleted too: a publication of all tables, restored while
 * the journal is in use, would not let them go otherwise. */
bool journal_create(struct session *session, const struct journal_head *head, bool is_replaced,
                    struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, BEGIN_ON_DISK);
    if (is_replaced)
        text_append(&sql, REMOVE_STATEMENTS);
    text_append(&sql, "CREATE SCHEMA " JOURNAL_SCHEMA ";\n"
                      "CREATE TABLE " RUN " (attempt pg_catalog.int4 NOT NULL,"
                      " begun pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),"
                      " pgfast pg_catalog.text, archive pg_catalog.text, options pg_catalog.text,"
                      " selection pg_catalog.text, keeps_order pg_catalog.bool);\n"
                      "CREATE TABLE " DONE " (keys pg_catalog.int8[] NOT NULL);\n"
                      "ALTER TABLE " DONE " REPLICA IDENTITY FULL;\n"
                      "CREATE UNLOGGED TABLE " ALIVE " (attempt pg_catalog.int4 NOT NULL);\n"
                      "INSERT INTO " ALIVE " VALUES (1);\n"
                      "INSERT INTO " RUN
                      " (attempt, pgfast, archive, options, selection, keeps_order) VALUES (1, ");
    append_literal(&sql, PGFAST_VERSION);
    text_append(&sql, ", ");
    append_literal(&sql, head->archive);
    text_append(&sql, ", ");
    append_literal(&sql, head->options);
    text_append(&sql, ", ");
    append_literal(&sql, head->selection);
    text_print(&sql, ", %s);\nCOMMIT", head->keeps_order ? "true" : "false");

    bool is_done = session_execute(session, sql.data, error);

    text_clear(&sql);
    return is_done;
}

bool journal_read_head(struct session *session, struct journal_head *head, struct error *error)
{
    struct rows *rows;

    if (!session_query(session,
                       "SELECT archive, options, selection, keeps_order FROM " RUN
                       " WHERE attempt = 1",
                       &rows, error))
        return false;
    bool is_whole = rows_count(rows) == 1;
    if (is_whole)
        *head = (struct journal_head){
            .archive = memory_copy_text(rows_text(rows, 0, 0)),
            .options = memory_copy_text(rows_text(rows, 0, 1)),
            .selection = memory_copy_text(rows_text(rows, 0, 2)),
            .keeps_order = is_true(rows, 3),
        };
    rows_free(rows);
    return is_whole ||
           error_set(error, ERROR_CONFLICT, "table " RUN " does not hold what pgfast writes there");
}

bool journal_read_keys(struct session *session, struct journal_keys *keys, struct error *error)
{
    struct rows *rows;
    bool is_whole = true;

    if (!session_query(session, "SELECT keys FROM " DONE, &rows, error))
        return false;
    for (int i = 0; is_whole && i < rows_count(rows); i++)
        is_whole = journal_keys_add_array(keys, rows_text(rows, i, 0));
    rows_free(rows);
    journal_keys_seal(keys);
    return is_whole || error_set(error, ERROR_CONFLICT,
                                 "table " DONE " does not hold what pgfast writes there");
}

bool journal_take_over(struct session *session, unsigned attempt, struct error *error)
{
    char sql[320];

    snprintf(sql, sizeof sql,
             BEGIN_ON_DISK "INSERT INTO " RUN " (attempt, pgfast) VALUES (%u, '" PGFAST_VERSION
                           "');\n"
                           "INSERT INTO " ALIVE " VALUES (%u);\nCOMMIT",
             attempt, attempt);
    return session_execute(session, sql, error);
}

bool journal_let_go(struct session *session, struct error *error)
{
    return session_execute(session, "SELECT pg_catalog.pg_advisory_unlock(" LOCK_CLASS ", 0)",
                           error);
}

/* ---- sessions ---- */

static bool check_attempt(struct session *session, struct journal_run *run, struct error *error)
{
    struct rows *rows;

    if (!session_query(session,
                       "SELECT pg_catalog.max(attempt),"
                       " (SELECT pg_catalog.max(attempt) FROM " ALIVE ") FROM " RUN,
                       &rows, error))
        return false;
    bool is_ours = rows_number(rows, 0, 0) == run->attempt;
    bool is_alive = rows_number(rows, 0, 1) == run->attempt;
    rows_free(rows);
    if (is_ours && is_alive)
        return true;
    if (!is_ours)
        return error_set(error, ERROR_LOCKED, "another run has taken this restore over");
    atomic_store(&run->has_crashed, true);
    return error_set(error, ERROR_CONFLICT, "the server has crashed");
}

/* Whoever looked holds the common lock alone, until it shares it here. */
bool journal_join(struct session *session, struct journal_run *run, unsigned number,
                  struct error *error)
{
    char sql[320];

    snprintf(sql, sizeof sql,
             "SELECT pg_catalog.pg_advisory_lock_shared(" LOCK_CLASS ", 0);"
             "SELECT pg_catalog.pg_advisory_lock(" LOCK_CLASS ", %u);",
             number);
    return session_execute(session, sql, error) && check_attempt(session, run, error);
}

static bool try_lock(struct session *session, unsigned number, bool *is_free, struct error *error)
{
    char sql[192];
    struct rows *rows;

    snprintf(sql, sizeof sql,
             "SELECT pg_catalog.pg_try_advisory_lock(" LOCK_CLASS ", %u)"
             " AND pg_catalog.pg_advisory_unlock(" LOCK_CLASS ", %u)",
             number, number);
    if (!session_query(session, sql, &rows, error))
        return false;
    *is_free = is_true(rows, 0);
    rows_free(rows);
    return true;
}

/* A client that is gone is not noticed by a server that computes, nor by one that waits for it over
 * a network that swallows everything. */
static bool terminate(struct session *session, unsigned number, struct error *error)
{
    char sql[512];

    snprintf(sql, sizeof sql,
             "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_locks"
             " WHERE locktype = 'advisory' AND granted AND classid = " LOCK_CLASS
             " AND objid = %u AND objsubid = 2 AND database ="
             " (SELECT oid FROM pg_catalog.pg_database WHERE datname ="
             " pg_catalog.current_database())",
             number);
    return session_execute(session, sql, error);
}

bool journal_await_end(struct session *session, struct cancel *cancel, unsigned number,
                       uint64_t limit_us, struct error *error)
{
    struct pollfd end = {.fd = cancel_descriptor(cancel), .events = POLLIN};
    uint64_t begin = clock_now_us();
    bool is_free, is_ended = false;

    for (;;) {
        if (!try_lock(session, number, &is_free, error))
            return false;
        if (is_free)
            return true;

        uint64_t waited_us = clock_now_us() - begin;

        if (waited_us > limit_us)
            return error_set(error, ERROR_TIMEOUT,
                             "the lost session is still at work in the server");
        if (!is_ended && waited_us > GRACE_US) {
            is_ended = true;
            if (!terminate(session, number, error))
                return false;
        }
        (void)poll(&end, 1, LOOK_INTERVAL_MS);
    }
}

/* ---- notes ---- */

void journal_append_note(struct text *sql, const uint64_t *keys, size_t count)
{
    text_append(sql, "INSERT INTO " DONE " VALUES ('{");
    for (size_t i = 0; i < count; i++)
        text_print(sql, "%s%" PRIu64, i == 0 ? "" : ",", keys[i]);
    text_append(sql, "}');");
}

void journal_append_strike(struct text *sql, uint64_t key)
{
    text_print(sql, "DELETE FROM " DONE " WHERE keys = '{%" PRIu64 "}';", key);
}

/* ---- the end ---- */

bool journal_is_there(struct session *session, bool *is_there, struct error *error)
{
    struct rows *rows;

    if (!session_query(session, "SELECT pg_catalog.to_regclass('" DONE "') IS NOT NULL", &rows,
                       error))
        return false;
    *is_there = is_true(rows, 0);
    rows_free(rows);
    return true;
}

static const char *silence_event_triggers(const struct session *session)
{
    const char *is_superuser = session_parameter(session, "is_superuser");

    if (is_superuser == NULL || strcmp(is_superuser, "on") != 0)
        return "";
    return session_server_version(session) >= SINCE_EVENT_TRIGGERS_OFF
               ? "SET LOCAL event_triggers = off;\n"
               : "SET LOCAL session_replication_role = replica;\n";
}

bool journal_remove(struct session *session, struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, WAIT_FOR_DISK "BEGIN;\n");
    text_append(&sql, silence_event_triggers(session));
    text_append(&sql, REMOVE_STATEMENTS "COMMIT");

    bool is_done = session_execute(session, sql.data, error);

    text_clear(&sql);
    return is_done;
}
