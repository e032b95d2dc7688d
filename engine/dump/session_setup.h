/* Sessions as a dump needs them: the settings that pg_dump makes in its own (archive-format
 * facts 5.1), and the shared snapshot. */
#ifndef PGFAST_DUMP_SESSION_SETUP_H
#define PGFAST_DUMP_SESSION_SETUP_H

#include "engine/dump/run.h"
#include "engine/server/session.h"

/* Overrides whatever the role or the database has set that could change or cut short what is
 * dumped. */
bool session_setup_apply(struct session *session, const struct dump_options *options,
                         struct error *error) MUST_CHECK;

/* What may not be read in a table's place. Views and foreign tables, unless a foreign table is what
 * is asked for. */
enum relation_restriction { RESTRICT_VIEWS_AND_FOREIGN_TABLES, RESTRICT_VIEWS };
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
