/* A session of a PostgreSQL server. It belongs to the thread that uses it; every wait in it ends
 * when the run is cancelled (the statement is cancelled in the server, the call fails with
 * ERROR_CANCELLED). Statement errors carry their SQLSTATE and server hint. */
#ifndef PGFAST_SERVER_SESSION_H
#define PGFAST_SERVER_SESSION_H

#include "engine/base/error.h"
#include "engine/flow/cancel.h"
#include "engine/flow/pulse.h"
#include "engine/flow/row_turn.h"
#include "engine/server/connection.h"

#include <stdint.h>

struct session;
struct rows; /* the answer of a query */

/* `cancel` may be NULL; it must outlive the session. Keepalives are set unless the user has chosen
 * otherwise. */
bool session_open(struct session **session, const struct connection *connection,
                  const char *application_name, struct cancel *cancel,
                  struct error *error) MUST_CHECK;
void session_close(struct session *session); /* accepts NULL */

/* From now on its waits show in a pulse, for a watchdog to see. The pulses must outlive it. */
void session_show_pulse(struct session *session, struct pulses *pulses);

/* From now on a row that needs more room than a session may have by itself waits for the turn,
 * which the session then keeps, with the room, until it is closed. The turn must outlive it, and
 * row_room_prepare has been called. */
void session_share_room(struct session *session, struct row_turn *turn);
bool session_has_turn(const struct session *session);
void session_give_back_turn(struct session *session); /* before its end: it keeps the room */

/* A server that says nothing for so long counts as lost (ERROR_TIMEOUT). */
void session_set_patience(struct session *session, int patience_ms);

/* True when the last attempt failed for want of a password that the user could be asked for. */
bool session_probe(const struct connection *connection, bool *needs_password,
                   struct error *error) MUST_CHECK;

int session_server_version(const struct session *session); /* 180006 */
const char *session_parameter(const struct session *session,
                              const char *name); /* PQparameterStatus; or NULL */
const char *session_database(const struct session *session);
bool session_is_local(const struct session *session); /* by a Unix socket: on this machine */
int session_backend_pid(const struct session *session);
bool session_is_usable(const struct session *session); /* false once the connection is lost */
bool session_is_in_transaction(const struct session *session);

/* Between statements, and without waiting: has the server ended the session? The error says what it
 * has said then. */
bool session_look(struct session *session, struct error *error) MUST_CHECK;

/* Any number of statements in one simple query; rows are thrown away. NOTICEs of WARNING level and
 * above are kept: see below. */
bool session_execute(struct session *session, const char *sql, struct error *error) MUST_CHECK;

/* One statement; *rows is freed by the caller. Parameters are text, NULL for null. */
bool session_query(struct session *session, const char *sql, struct rows **rows,
                   struct error *error) MUST_CHECK;
bool session_query_parameters(struct session *session, const char *sql, int count,
                              const char *const *values, struct rows **rows,
                              struct error *error) MUST_CHECK;

/* A parameter: text with its NUL, or `length` bytes in the type's binary form. */
struct session_value {
    const void *bytes;
    size_t length;
    bool is_binary;
};

/* One statement with parameters, SESSION_MOST_VALUES at most; rows are thrown away. */
enum { SESSION_MOST_VALUES = 8 };
bool session_execute_values(struct session *session, const char *sql, unsigned count,
                            const struct session_value *values, struct error *error) MUST_CHECK;

int rows_count(const struct rows *rows);
bool rows_is_null(const struct rows *rows, int row, int column);
const char *rows_text(const struct rows *rows, int row, int column); /* "" for null; lent by rows */
const void *rows_bytes(const struct rows *rows, int row, int column, size_t *length);
uint64_t rows_number(const struct rows *rows, int row, int column); /* 0 for null */
void rows_free(struct rows *rows);                                  /* accepts NULL */

/* Binary results of a one-column query with text parameters (for bytea). */
bool session_query_binary(struct session *session, const char *sql, int count,
                          const char *const *values, struct rows **rows,
                          struct error *error) MUST_CHECK;

/* Warnings that the server sent since the last call, oldest first, while connecting as well; NULL
 * when there are none (left). Lent until the next statement. */
const char *session_next_warning(struct session *session);

/* What copy_out_read has brought. */
struct copy_piece {
    size_t length; /* bytes; less than the room only in the last piece */
    bool is_last;
};

/* Once in a session that will read much: larger reads. */
bool copy_out_prepare(struct session *session, struct error *error) MUST_CHECK;

/* COPY … TO STDOUT. Between begin and the end no other statement. copy_out_read fills the caller's
 * buffer (1 to 2^30 bytes of room) to the brim, cutting the last row where it must; the last piece
 * may be empty, and after it copy_out_total is the server's own count. Other
 * statements that return no rows, and more COPYs, may stand in the same string: the server goes
 * through it without waiting for us. After each COPY copy_out_next leads to the one behind it; once
 * there is none (left), all statements are done. */
bool copy_out_begin(struct session *session, const char *sql, struct error *error) MUST_CHECK;
bool copy_out_read(struct session *session, void *buffer, size_t room, struct copy_piece *piece,
                   struct error *error) MUST_CHECK;
uint64_t copy_out_total(const struct session *session); /* rows; between the end and the next */
bool copy_out_next(struct session *session, bool *is_there, struct error *error) MUST_CHECK;

/* COPY … FROM STDIN. copy_in_end gives the server's count of rows; copy_in_abort makes the server
 * roll the COPY back. After a failed begin, write or end the session is ready for the next
 * statement (ROLLBACK first, in a transaction), if it is still usable. Statements that return no
 * rows ("BEGIN; ") may stand before the COPY in the same string. Other COPYs may follow in it: then
 * copy_in_next takes the place of copy_in_end, and leads to the one behind; *is_there is false
 * after the last. */
bool copy_in_begin(struct session *session, const char *sql, struct error *error) MUST_CHECK;
bool copy_in_write(struct session *session, const void *bytes, size_t length,
                   struct error *error) MUST_CHECK;
bool copy_in_end(struct session *session, uint64_t *rows, struct error *error) MUST_CHECK;
bool copy_in_next(struct session *session, uint64_t *rows, bool *is_there,
                  struct error *error) MUST_CHECK;
void copy_in_abort(struct session *session, const char *reason);

#endif
