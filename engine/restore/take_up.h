/* The journal of a restore, and what an earlier run has noted down in it. */
#ifndef PGFAST_RESTORE_TAKE_UP_H
#define PGFAST_RESTORE_TAKE_UP_H

#include "engine/restore/restore.h"

/* A new journal, or the one that is there; then what it says is done goes out of the plan, and
 * what only part of has been done is made undone. Once the coordinator's session is one of the
 * database that is restored into. */
bool take_up_journal(struct restore *restore, struct error *error) MUST_CHECK;

#endif
