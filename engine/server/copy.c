/* COPY in both directions. On the way out PQgetlineAsync copies each row from libpq's buffer to
 * where it shall be, while PQgetCopyData would allocate memory for each. */
#include "engine/base/fault.h"
#include "engine/server/session_internal.h"

#include <stdlib.h>
#include <string.h>

static bool refuse(struct session *session, PGresult *result, const char *expectation,
                   struct error *error)
{
    struct error unused;

    if (PQresultStatus(result) == PGRES_FATAL_ERROR)
        server_error_from_result(session, result, error);
    else
        error_set(error, ERROR_SERVER, "%s", expectation);
    PQclear(result);
    (void)!session_finish_statement(session, NULL, &unused);
    return false;
}

/* To the next COPY of the statements that were sent, or to their end; what stands between has
 * results of its own. */
static bool seek_copy(struct session *session, ExecStatusType expected, bool *is_there,
                      struct error *error)
{
    PGresult *result = NULL;

    do {
        PQclear(result);
        if (!session_next_result(session, &result, error))
            return false;
    } while (result && PQresultStatus(result) == PGRES_COMMAND_OK);
    session->copy_total = 0;
    *is_there = result != NULL;
    if (result && PQresultStatus(result) != expected)
        return refuse(session, result, "statement is no COPY in the expected direction", error);
    PQclear(result);
    return true;
}

static bool copy_begin(struct session *session, const char *sql, ExecStatusType expected,
                       struct error *error)
{
    bool is_there;

    pulse_begin_statement(session->pulse, sql);
    if (session->cancel && cancel_is_set(session->cancel))
        return error_set(error, ERROR_CANCELLED, "cancelled");
    if (session->is_lost)
        return error_set(error, ERROR_SERVER, "connection to server was lost");
    if (!PQsendQuery(session->link, sql))
        return server_error_from_link(session, "could not send to server", error);
    if (!session_flush(session, error) || !seek_copy(session, expected, &is_there, error))
        return false;
    return is_there || error_set(error, ERROR_SERVER, "statement is no COPY: %.100s", sql);
}

/* The end of a COPY: its command tag carries the server's count of rows. */
static bool copy_finish(struct session *session, struct error *error)
{
    PGresult *result = NULL;

    if (!session_finish_statement(session, &result, error)) {
        PQclear(result);
        return false;
    }
    session->copy_total = result ? strtoull(PQcmdTuples(result), NULL, 10) : 0;
    PQclear(result);
    return true;
}

/* libpq reads by 16 kB, until a message needs more room, and then keeps it. A Unix socket holds
 * thirteen times that, so one large message spares a dump most of its reads; what lies between the
 * machines on other ways decides by itself. */
bool copy_out_prepare(struct session *session, struct error *error)
{
    return !session_is_local(session) ||
           session_execute(session, "SELECT pg_catalog.repeat(' ', 256 * 1024)", error);
}

bool copy_out_begin(struct session *session, const char *sql, struct error *error)
{
    return copy_begin(session, sql, PGRES_COPY_OUT, error);
}

bool copy_out_next(struct session *session, bool *is_there, struct error *error)
{
    return seek_copy(session, PGRES_COPY_OUT, is_there, error);
}

/* The command tag carries the server's count of rows; another COPY may stand behind. */
static bool copy_close_one(struct session *session, struct error *error)
{
    PGresult *result = NULL;

    if (!session_next_result(session, &result, error))
        return false;
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return refuse(session, result, "COPY ended without saying how", error);
    session->copy_total = strtoull(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    if (FAULT_HAPPENS("session.copied"))
        session_cut(session);
    return true;
}

static bool fill(struct session *session, char *at, size_t room, struct copy_piece *piece,
                 struct error *error)
{
    *piece = (struct copy_piece){.length = 0};
    while (piece->length < room) {
        int got = PQgetlineAsync(session->link, at + piece->length, (int)(room - piece->length));

        if (got > 0) {
            piece->length += (size_t)got;
            continue;
        }
        if (session->room.was_refused)
            return session_give_up(session, error);
        /* The end or a failure; the statement's result tells. */
        if (got < 0) {
            piece->is_last = true;
            return copy_close_one(session, error);
        }
        if (!session_wait(session, false, error))
            return false;
    }
    return true;
}

bool copy_out_read(struct session *session, void *buffer, size_t room, struct copy_piece *piece,
                   struct error *error)
{
    row_room_enter(&session->room);
    bool is_read = fill(session, buffer, room, piece, error);
    row_room_leave();
    return is_read;
}

uint64_t copy_out_total(const struct session *session)
{
    return session->copy_total;
}

bool copy_in_begin(struct session *session, const char *sql, struct error *error)
{
    return copy_begin(session, sql, PGRES_COPY_IN, error);
}

bool copy_in_write(struct session *session, const void *bytes, size_t length, struct error *error)
{
    /* Each time the socket is full, libpq moves what is left to the front of its buffer: of little
     * that costs little. */
    const size_t most = 64 << 10;
    const char *at = bytes;

    while (length > 0) {
        size_t piece = length < most ? length : most;
        int taken = PQputCopyData(session->link, at, (int)piece);

        if (taken < 0)
            return server_error_from_link(session, "could not send to server", error);
        /* Flushed piece by piece, so that libpq's buffer stays small and back-pressure reaches us.
         */
        if (!session_flush(session, error))
            return false;
        if (taken == 0)
            continue;
        at += piece;
        length -= piece;
    }
    return true;
}

static bool copy_in_say_end(struct session *session, const char *reason, struct error *error)
{
    int sent;

    while ((sent = PQputCopyEnd(session->link, reason)) == 0)
        if (!session_flush(session, error))
            return false;
    if (sent < 0)
        return server_error_from_link(session, "could not send to server", error);
    return session_flush(session, error);
}

static bool copy_in_close(struct session *session, const char *reason, struct error *error)
{
    return copy_in_say_end(session, reason, error) && copy_finish(session, error);
}

bool copy_in_next(struct session *session, uint64_t *rows, bool *is_there, struct error *error)
{
    if (!copy_in_say_end(session, NULL, error) || !copy_close_one(session, error))
        return false;
    *rows = session->copy_total;
    return seek_copy(session, PGRES_COPY_IN, is_there, error);
}

bool copy_in_end(struct session *session, uint64_t *rows, struct error *error)
{
    if (!copy_in_close(session, NULL, error))
        return false;
    *rows = session->copy_total;
    return true;
}

void copy_in_abort(struct session *session, const char *reason)
{
    struct error expected;

    if (PQtransactionStatus(session->link) == PQTRANS_ACTIVE && !session->is_lost)
        (void)!copy_in_close(session, reason, &expected);
}
