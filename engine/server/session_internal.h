/* What the files of this folder share about a session; nobody else includes it. */
#ifndef PGFAST_SERVER_SESSION_INTERNAL_H
#define PGFAST_SERVER_SESSION_INTERNAL_H

#include "engine/server/row_room.h"
#include "engine/server/session.h"

#include <libpq-fe.h>

enum { SESSION_WARNINGS_KEPT = 32 };

struct session {
    PGconn *link; /* non-blocking: every wait is ours, so that a cancelled run ends it */
    struct cancel *cancel;
    struct pulse *pulse; /* NULL: nobody watches it */
    int patience_ms;     /* of a wait; 0: as long as it takes */
    bool is_lost;

    char *warnings[SESSION_WARNINGS_KEPT];
    unsigned warning_count, warning_next;
    char *warning_lent;
    struct error
        farewell; /* what the server has said between statements; kind ERROR_NONE: nothing */

    uint64_t copy_total;
    struct row_room room;
};

/* 1: the socket is ready for `events` of poll(); 0: timeout; -1: cancelled. */
int session_wait_for_socket(const struct session *session, short events, int timeout_ms);
/* Waits until the socket may be read (or written too); fails when the run is cancelled. */
bool session_wait(struct session *session, bool wants_write, struct error *error) MUST_CHECK;
/* The run is cancelled: what the connection still holds is of no use to anyone. */
bool session_give_up(struct session *session, struct error *error);
/* Sends all that libpq holds back. */
bool session_flush(struct session *session, struct error *error) MUST_CHECK;
/* The next result (NULL when the statement has ended), waiting for it. */
bool session_next_result(struct session *session, PGresult **result,
                         struct error *error) MUST_CHECK;
/* Reads to the end of the statement; the first failure is the error. The last good result goes to
 * *kept unless that is NULL. */
bool session_finish_statement(struct session *session, PGresult **kept,
                              struct error *error) MUST_CHECK;

/* libpq's notice receiver of a session: keeps warnings, and what the server says as it goes. */
void session_keep_notice(void *argument, const PGresult *notice);

/* Turns what libpq and the server said into our error. */
bool server_error_from_result(struct session *session, const PGresult *result, struct error *error);
bool server_error_from_link(struct session *session, const char *what, struct error *error);
/* `message` is that of a failed attempt to connect, in libpq's verbose form. */
bool server_error_from_connect(const char *message, struct error *error);

/* What a fault does to a session is what a network does to it: the connection ends. */
void session_cut(const struct session *session);

#endif
