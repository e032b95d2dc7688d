/* --untrusted: whether an archive of a stranger may be restored, asked before anything is changed.
 */
#ifndef PGFAST_RESTORE_UNTRUSTED_H
#define PGFAST_RESTORE_UNTRUSTED_H

#include "engine/base/event.h"
#include "engine/restore/selection.h"
#include "engine/server/session.h"

/* Everything selected is held against engine/sql/vet.h. ERROR_HOSTILE: something does not pass;
 * each such entry has been told as a failed object. */
bool untrusted_vet(const struct toc *toc, const struct selection *selection,
                   struct event_stream *events, struct error *error) MUST_CHECK;

/* For all archives: what they drop and create as a database must be the one they say they are of.
 * ERROR_HOSTILE. */
bool untrusted_vet_databases(const struct selection *selection, bool conforming_strings,
                             struct error *error) MUST_CHECK;

/* The user who connected must have no rights beyond the database: no look at statements tells what
 * functions of the archive will do, and SET ROLE can be undone from within them. ERROR_USAGE names
 * the role that has. */
bool untrusted_check_user(struct session *session, struct error *error) MUST_CHECK;

#endif
