/* Do all sessions of a dump speak to one server? The address may be a load balancer's. A snapshot's
 * name is no proof: another server may have one of the same name, and a standby of the same cluster
 * shows the same tables. */
#ifndef PGFAST_DUMP_SAME_SERVER_H
#define PGFAST_DUMP_SAME_SERVER_H

#include "engine/server/session.h"

enum { SERVER_MARK_BYTES = 64 };

/* When the server was started, to the microsecond, and which of its databases it is. Not whether it
 * is a standby: that may end, and the dump go on. */
bool server_mark_read(struct session *session, char mark[SERVER_MARK_BYTES],
                      struct error *error) MUST_CHECK;

/* False where it is another one (ERROR_CONNECTION). */
bool server_mark_check(struct session *session, const char *mark, struct error *error) MUST_CHECK;

#endif
