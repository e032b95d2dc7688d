#include "engine/server/session.h"

#include "engine/base/fault.h"
#include "engine/base/memory.h"
#include "engine/server/cancel_request.h"
#include "engine/server/session_internal.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- waiting ---- */

bool session_give_up(struct session *session, struct error *error)
{
    cancel_request_send(session->link);
    session->is_lost = true;
    return error_set(error, ERROR_CANCELLED, "cancelled");
}

int session_wait_for_socket(const struct session *session, short events, int timeout_ms)
{
    struct pollfd watched[2] = {
        {.fd = PQsocket(session->link), .events = events},
        {.fd = session->cancel ? cancel_descriptor(session->cancel) : -1, .events = POLLIN},
    };

    for (;;) {
        int count = poll(watched, 2, timeout_ms);

        if (count < 0 && errno == EINTR)
            continue;
        if (watched[1].revents)
            return -1;
        return count > 0;
    }
}

static bool lose_patience(struct session *session, struct error *error)
{
    session->is_lost = true;
    return error_set(error, ERROR_TIMEOUT, "the server said nothing for %d ms",
                     session->patience_ms);
}

void session_cut(const struct session *session)
{
    shutdown(PQsocket(session->link), SHUT_RDWR);
}

bool session_wait(struct session *session, bool wants_write, struct error *error)
{
    short events = (short)(POLLIN | (wants_write ? POLLOUT : 0));

    pulse_beat(session->pulse);
    int ready =
        session_wait_for_socket(session, events, session->patience_ms ? session->patience_ms : -1);
    pulse_beat(session->pulse);
    if (ready < 0)
        return session_give_up(session, error);
    if (ready == 0)
        return lose_patience(session, error);
    if (FAULT_HAPPENS("session.receive"))
        session_cut(session);
    if (!PQconsumeInput(session->link))
        return server_error_from_link(session, "connection to server was lost", error);
    return true;
}

bool session_flush(struct session *session, struct error *error)
{
    if (FAULT_HAPPENS("session.send"))
        session_cut(session);
    for (;;) {
        int pending = PQflush(session->link);

        if (pending == 0)
            return true;
        if (pending < 0)
            return server_error_from_link(session, "could not send to server", error);
        if (!session_wait(session, true, error))
            return false;
    }
}

static bool await_result(struct session *session, PGresult **result, struct error *error)
{
    while (PQisBusy(session->link))
        if (!session_wait(session, false, error))
            return false;
    *result = PQgetResult(session->link);
    return true;
}

/* What libpq finds behind a COPY's answer is the first row, for which it makes room at once. */
bool session_next_result(struct session *session, PGresult **result, struct error *error)
{
    *result = NULL;
    row_room_enter(&session->room);
    bool is_there = await_result(session, result, error);
    row_room_leave();
    if (!session->room.was_refused)
        return is_there;
    PQclear(*result);
    *result = NULL;
    return session_give_up(session, error);
}

/* A COPY that nobody asked for would block the session for ever: both directions are ended. False
 * where libpq cannot get out of it, for want of memory for a row. */
static bool refuse_copy(struct session *session, ExecStatusType status)
{
    char *row = NULL;
    int got = 0;

    if (status == PGRES_COPY_IN)
        PQputCopyEnd(session->link, "no COPY expected here");
    while (status == PGRES_COPY_OUT && (got = PQgetCopyData(session->link, &row, 0)) > 0)
        PQfreemem(row);
    return got != -2;
}

bool session_finish_statement(struct session *session, PGresult **kept, struct error *error)
{
    bool is_good = true;
    PGresult *result;

    for (;;) {
        struct error lost;

        if (!session_next_result(session, &result, &lost)) {
            if (is_good)
                *error = lost;
            return false;
        }
        if (!result)
            return is_good;

        ExecStatusType status = PQresultStatus(result);

        if (!refuse_copy(session, status)) {
            PQclear(result);
            session->is_lost = true;
            return server_error_from_link(session, "could not read from server", error);
        }
        if (is_good && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK &&
            status != PGRES_EMPTY_QUERY)
            is_good = server_error_from_result(session, result, error);
        if (kept && is_good) {
            PQclear(*kept);
            *kept = result;
        } else {
            PQclear(result);
        }
        if (PQstatus(session->link) != CONNECTION_OK)
            return is_good;
    }
}

/* ---- what the server says besides ---- */

void session_keep_notice(void *argument, const PGresult *notice)
{
    struct session *session = argument;
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);

    /* It says why it goes, and nobody has asked anything that this could be the answer to. */
    if (severity && message && strcmp(severity, "FATAL") == 0)
        server_error_from_result(session, notice, &session->farewell);
    /* A flood of notices must not cost memory: what finds no room is dropped. */
    if (!severity || !message || strcmp(severity, "WARNING") != 0 ||
        session->warning_count == SESSION_WARNINGS_KEPT)
        return;
    session->warnings[session->warning_count++] = memory_copy_text(message);
}

const char *session_next_warning(struct session *session)
{
    free(session->warning_lent);
    session->warning_lent = NULL;
    if (session->warning_next == session->warning_count) {
        session->warning_next = session->warning_count = 0;
        return NULL;
    }
    session->warning_lent = session->warnings[session->warning_next++];
    return session->warning_lent;
}

void session_show_pulse(struct session *session, struct pulses *pulses)
{
    session->pulse = pulses_take(pulses, session_backend_pid(session));
}

void session_share_room(struct session *session, struct row_turn *turn)
{
    session->room.turn = turn;
}

bool session_has_turn(const struct session *session)
{
    return session->room.has_turn;
}

void session_give_back_turn(struct session *session)
{
    row_room_give_back(&session->room);
}

void session_set_patience(struct session *session, int patience_ms)
{
    session->patience_ms = patience_ms;
}

/* ---- facts ---- */

int session_server_version(const struct session *session)
{
    return PQserverVersion(session->link);
}

const char *session_parameter(const struct session *session, const char *name)
{
    return PQparameterStatus(session->link, name);
}

const char *session_database(const struct session *session)
{
    return PQdb(session->link);
}

bool session_is_local(const struct session *session)
{
    const char *host = PQhost(session->link);

    return host && (host[0] == '/' || host[0] == '@');
}

int session_backend_pid(const struct session *session)
{
    return PQbackendPID(session->link);
}

bool session_is_usable(const struct session *session)
{
    return !session->is_lost && PQstatus(session->link) == CONNECTION_OK;
}

bool session_look(struct session *session, struct error *error)
{
    if (session_is_usable(session) && session_wait_for_socket(session, POLLIN, 0) > 0)
        (void)PQconsumeInput(session->link);
    /* What has been read is looked into here, though the connection may be gone by now. */
    (void)PQisBusy(session->link);
    if (session_is_usable(session))
        return true;
    session->is_lost = true;
    if (session->farewell.kind == ERROR_NONE)
        return server_error_from_link(session, "connection to server was lost", error);
    *error = session->farewell;
    return false;
}

bool session_is_in_transaction(const struct session *session)
{
    PGTransactionStatusType status = PQtransactionStatus(session->link);

    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

/* ---- statements ---- */

static bool statement_may_start(struct session *session, const char *sql, struct error *error)
{
    pulse_begin_statement(session->pulse, sql);
    if (session->cancel && cancel_is_set(session->cancel))
        return error_set(error, ERROR_CANCELLED, "cancelled");
    if (session->is_lost)
        return error_set(error, ERROR_SERVER, "connection to server was lost");
    return true;
}

static bool run_statement(struct session *session, int was_sent, PGresult **kept,
                          struct error *error)
{
    if (!was_sent)
        return server_error_from_link(session, "could not send to server", error);
    return session_flush(session, error) && session_finish_statement(session, kept, error);
}

bool session_execute(struct session *session, const char *sql, struct error *error)
{
    return statement_may_start(session, sql, error) &&
           run_statement(session, PQsendQuery(session->link, sql), NULL, error);
}

static bool take_rows(bool is_good, PGresult *result, struct rows **rows)
{
    if (!is_good) {
        PQclear(result);
        return false;
    }
    *rows = (struct rows *)result;
    return true;
}

bool session_query(struct session *session, const char *sql, struct rows **rows,
                   struct error *error)
{
    PGresult *result = NULL;

    if (!statement_may_start(session, sql, error))
        return false;

    bool is_good = run_statement(session, PQsendQuery(session->link, sql), &result, error);

    return take_rows(is_good, result, rows);
}

static bool query_with_parameters(struct session *session, const char *sql, int count,
                                  const char *const *values, int result_format, struct rows **rows,
                                  struct error *error)
{
    PGresult *result = NULL;

    if (!statement_may_start(session, sql, error))
        return false;

    int sent =
        PQsendQueryParams(session->link, sql, count, NULL, values, NULL, NULL, result_format);

    bool is_good = run_statement(session, sent, &result, error);

    return take_rows(is_good, result, rows);
}

bool session_query_parameters(struct session *session, const char *sql, int count,
                              const char *const *values, struct rows **rows, struct error *error)
{
    return query_with_parameters(session, sql, count, values, 0, rows, error);
}

bool session_query_binary(struct session *session, const char *sql, int count,
                          const char *const *values, struct rows **rows, struct error *error)
{
    return query_with_parameters(session, sql, count, values, 1, rows, error);
}

bool session_execute_values(struct session *session, const char *sql, unsigned count,
                            const struct session_value *values, struct error *error)
{
    const char *bytes[SESSION_MOST_VALUES];
    int lengths[SESSION_MOST_VALUES], formats[SESSION_MOST_VALUES];

    assert(count <= SESSION_MOST_VALUES);
    for (unsigned i = 0; i < count; i++) {
        bytes[i] = values[i].bytes;
        lengths[i] = (int)values[i].length;
        formats[i] = values[i].is_binary;
    }
    if (!statement_may_start(session, sql, error))
        return false;
    return run_statement(
        session,
        PQsendQueryParams(session->link, sql, (int)count, NULL, bytes, lengths, formats, 0), NULL,
        error);
}
