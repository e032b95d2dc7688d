/* Sessions as a dump needs them: their settings, and the shared snapshot. */
#ifndef PGFAST_DUMP_SESSION_SETUP_H
#define PGFAST_DUMP_SESSION_SETUP_H

#include "engine/dump/run.h"
#include "engine/server/session.h"
#include "engine/sql/read_settings.h"

bool session_setup_apply(struct session *session, const struct dump_options *options,
                         struct error *error) MUST_CHECK;

bool session_setup_restrict(struct session *session, enum relation_restriction restriction,
                            struct error *error) MUST_CHECK;

/* client_encoding, as the archive will say it. */
bool session_setup_encoding(struct session *session, const char *encoding,
                            struct error *error) MUST_CHECK;

/* Begins the coordinator's transaction, on the user's snapshot if there is one. Otherwise its
 * snapshot is taken by the first query or export: locks may come before. name is what others
 * import. */
enum { SNAPSHOT_NAME_BYTES = 64 };
bool snapshot_begin(struct session *session, const struct dump_options *options,
                    struct error *error) MUST_CHECK;
bool snapshot_export(struct session *session, char name[SNAPSHOT_NAME_BYTES],
                     struct error *error) MUST_CHECK;

/* Begins a worker's transaction on an exported snapshot. */
bool snapshot_import(struct session *session, const char *name, struct error *error) MUST_CHECK;

#endif
