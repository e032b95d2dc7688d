/* Do all sessions of a dump speak to one server? The address may be a load balancer's. A snapshot's
 * name is no proof: another server may have one of the same name, and a standby of the same cluster
 * shows the same tables. */
#ifndef PGFAST_DUMP_SAME_SERVER_H
#define PGFAST_DUMP_SAME_SERVER_H

#include "engine/dump/run.h"
#include "engine/server/session.h"

enum { SERVER_MARK_BYTES = 64 };

/* When the server was started, to the microsecond, and which of its databases it is. Not whether it
 * is a standby: that may end, and the dump go on. */
bool server_mark_read(struct session *session, char mark[SERVER_MARK_BYTES],
                      struct error *error) MUST_CHECK;

/* Every session but the first: gets the settings of a dump's sessions and the archive's encoding,
 * and must have reached the server of that mark (otherwise ERROR_CONNECTION). */
bool same_server_set_up(struct session *session, const struct dump_options *options,
                        const char *encoding, const char *mark, struct error *error) MUST_CHECK;

#endif
