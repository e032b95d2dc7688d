/* Ends the statement that a session is running, over a connection of its own: closing the session
 * alone would let it run on until it writes. */
#ifndef PGFAST_SERVER_CANCEL_REQUEST_H
#define PGFAST_SERVER_CANCEL_REQUEST_H

#include <libpq-fe.h>

/* Returns when the server has answered, or after two seconds: libpq would wait without limit for a
 * server that hangs, and with it the user who wants to go. */
void cancel_request_send(PGconn *link);

#endif
