/* The coordinator's session: to which server and database it goes, and whether that can be restored
 * into. */
#ifndef PGFAST_RESTORE_CONNECT_H
#define PGFAST_RESTORE_CONNECT_H

#include "engine/restore/restore.h"

/* The first session of all, and what the server says. With --create it is one of another database.
 */
bool connect_first(struct restore *restore, struct error *error) MUST_CHECK;

/* restore->target, which there is none of, to where the last one went. */
bool connect_open(struct restore *restore, struct error *error) MUST_CHECK;
void connect_close(struct restore *restore);

/* From here on all sessions go to that database. */
bool connect_to_database(struct restore *restore, const char *name, struct error *error) MUST_CHECK;

#endif
