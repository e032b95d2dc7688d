#include "engine/server/watchdog.h"

#include "engine/base/clock.h"
#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/base/queue.h"
#include "engine/server/session.h"
#include "engine/server/stall.h"

#include <stdio.h>
#include <stdlib.h>

enum { LOOK_INTERVAL_MS = 1000, TELL_SECONDS = 60, ANSWER_SECONDS = 5 };

/* One row, or none, for the session $1. Of other users' sessions a role may not see the query. */
static const char question[] =
    "SELECT coalesce(a.wait_event_type, ''), coalesce(a.wait_event, ''),"
    " coalesce((SELECT pg_catalog.string_agg(pg_catalog.format('session %s (user %s, application"
    " \"%s\", %s, query: %s)', b.pid, b.usename, b.application_name, b.state,"
    " pg_catalog.left(b.query, 100)), ', ') FROM pg_catalog.pg_stat_activity b"
    " WHERE b.pid = ANY (pg_catalog.pg_blocking_pids(a.pid))), '')"
    " FROM pg_catalog.pg_stat_activity a WHERE a.pid = $1::pg_catalog.int4";

struct watchdog {
    struct connection *connection;
    struct watch *watch;
    struct stall_limits limits;
    uint64_t snapshot_limit_us; /* 0: none */
    struct stall_watch watched[PULSES_MOST];
    struct session *session; /* NULL: not needed so far, or lost */
    struct queue *end;       /* nothing ever lies in it; closed when the watchdog is to stop */
    struct crew *crew;
    struct error error; /* why it has ended the run; ERROR_NONE: it has not */
};

/* ---- asking ---- */

static bool open_session(struct watchdog *watchdog)
{
    struct error unused;

    if (watchdog->session)
        return true;
    if (!session_open(&watchdog->session, watchdog->connection, "pgfast watchdog",
                      watchdog->watch->cancel, &unused)) {
        watchdog->session = NULL;
        return false;
    }
    session_set_patience(watchdog->session, ANSWER_SECONDS * 1000);
    return true;
}

static void close_session(struct watchdog *watchdog)
{
    session_close(watchdog->session);
    watchdog->session = NULL;
}

/* The facts point into *rows, which the caller frees. */
static struct stall_facts ask(struct watchdog *watchdog, int backend_pid, struct rows **rows)
{
    char pid[16];
    const char *parameters[] = {pid};
    struct error unused;

    snprintf(pid, sizeof pid, "%d", backend_pid);
    *rows = NULL;
    if (!open_session(watchdog) ||
        !session_query_parameters(watchdog->session, question, 1, parameters, rows, &unused)) {
        close_session(watchdog);
        return (struct stall_facts){.is_answered = false};
    }
    if (rows_count(*rows) == 0)
        return (struct stall_facts){.is_answered = true};
    return (struct stall_facts){
        .is_answered = true,
        .is_there = true,
        .wait_event_type = rows_text(*rows, 0, 0),
        .wait_event = rows_text(*rows, 0, 1),
        .blockers = rows_text(*rows, 0, 2),
    };
}

/* ---- telling ---- */

static void describe(struct text *text, const struct pulse *pulse, uint64_t silent_us,
                     const struct stall_facts *facts)
{
    char statement[PULSE_STATEMENT_BYTES];

    text_print(text, "session %d", atomic_load(&pulse->backend_pid));
    if (pulse_read_statement(pulse, statement) && statement[0] != '\0') {
        text_append(text, " (");
        text_append_escaped(text, statement);
        text_append(text, ")");
    }
    text_print(text, " has heard nothing from the server for %llu s: ",
               (unsigned long long)(silent_us / 1000000));
    stall_describe(text, facts);
}

static void end_run(struct watchdog *watchdog, const char *description, const char *option)
{
    error_set(&watchdog->error, ERROR_TIMEOUT, "%s", description);
    error_hint(&watchdog->error, "The limit is that of %s.", option);
    cancel_set(watchdog->watch->cancel);
}

static void act(struct watchdog *watchdog, enum stall_action action, const char *description)
{
    if (action == STALL_TELL)
        event_emit(watchdog->watch->events, EVENT_WARNING, "%s", description);
    else if (action == STALL_END)
        end_run(watchdog, description, "--stall-timeout");
}

/* ---- looking ---- */

static void inquire(struct watchdog *watchdog, const struct pulse *pulse, struct stall_watch *watch)
{
    struct text description;
    struct rows *rows;
    struct stall_facts facts = ask(watchdog, atomic_load(&pulse->backend_pid), &rows);
    uint64_t now_us = clock_now_us();

    text_init(&description, 1024);
    describe(&description, pulse, now_us - watch->since_us, &facts);
    /* Asking takes time, in which the server may have come back to it. */
    if (!cancel_is_set(watchdog->watch->cancel) && atomic_load(&pulse->beats) == watch->beats)
        act(watchdog, stall_watch_conclude(watch, &watchdog->limits, stall_judge(&facts), now_us),
            description.data);
    text_clear(&description);
    rows_free(rows);
}

static void look(struct watchdog *watchdog)
{
    for (size_t i = 0; i < PULSES_MOST; i++) {
        const struct pulse *pulse = &watchdog->watch->pulses.items[i];

        if (stall_watch_look(&watchdog->watched[i], &watchdog->limits, atomic_load(&pulse->beats),
                             clock_now_us()))
            inquire(watchdog, pulse, &watchdog->watched[i]);
    }
}

/* As long as it is held, the server can remove no row that has died since. */
static void look_at_snapshot(struct watchdog *watchdog)
{
    uint64_t taken_us = atomic_load(&watchdog->watch->snapshot_us), now_us = clock_now_us();
    char description[128];

    if (watchdog->snapshot_limit_us == 0 || taken_us == 0 ||
        now_us - taken_us < watchdog->snapshot_limit_us)
        return;
    snprintf(description, sizeof description,
             "the snapshot is %llu s old, and keeps the server from removing dead rows",
             (unsigned long long)((now_us - taken_us) / 1000000));
    end_run(watchdog, description, "--max-snapshot-age");
}

static bool may_go_on(struct watchdog *watchdog)
{
    bool is_open;
    void *nothing;

    return !queue_pop_wait(watchdog->end, &nothing, LOOK_INTERVAL_MS, &is_open) && is_open &&
           !cancel_is_set(watchdog->watch->cancel);
}

static void stand_guard(void *context, unsigned index)
{
    struct watchdog *watchdog = context;

    (void)index;
    while (may_go_on(watchdog)) {
        look_at_snapshot(watchdog);
        look(watchdog);
    }
    close_session(watchdog);
}

/* ---- its life ---- */

static void abandon(void *context)
{
    struct watchdog *watchdog = context;

    queue_close(watchdog->end);
}

static void watchdog_free(struct watchdog *watchdog)
{
    connection_free(watchdog->connection);
    queue_free(watchdog->end);
    free(watchdog);
}

/* A short limit wants an early word. */
static struct stall_limits make_limits(unsigned limit_seconds)
{
    unsigned tell_seconds = TELL_SECONDS;

    if (limit_seconds > 0 && limit_seconds < 2 * TELL_SECONDS)
        tell_seconds = limit_seconds > 1 ? limit_seconds / 2 : 1;
    return (struct stall_limits){.tell_us = (uint64_t)tell_seconds * 1000000,
                                 .end_us = (uint64_t)limit_seconds * 1000000};
}

struct watchdog *watchdog_start(const struct connection *connection, struct watch *watch,
                                const struct watchdog_limits *limits)
{
    struct watchdog *watchdog = memory_allocate(1, sizeof *watchdog);
    struct error unused;
    char patience[16];

    snprintf(patience, sizeof patience, "%d", ANSWER_SECONDS);
    watchdog->connection = connection_with(connection, "connect_timeout", patience);
    watchdog->watch = watch;
    watchdog->limits = make_limits(limits->stall_seconds);
    watchdog->snapshot_limit_us = (uint64_t)limits->snapshot_seconds * 1000000;
    watchdog->end = queue_create(1);
    if (crew_start(&watchdog->crew, "pgf-watchdog", 1, stand_guard, abandon, watchdog, &unused))
        return watchdog;
    watchdog_free(watchdog);
    return NULL;
}

bool watchdog_stop(struct watchdog *watchdog, struct error *error)
{
    if (watchdog == NULL)
        return true;
    queue_close(watchdog->end);
    crew_join(watchdog->crew);

    bool has_let_live = watchdog->error.kind == ERROR_NONE;

    if (!has_let_live)
        *error = watchdog->error;
    watchdog_free(watchdog);
    return has_let_live;
}
