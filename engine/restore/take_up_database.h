/* Into which database a restore goes, and with it its journal. */
#ifndef PGFAST_RESTORE_TAKE_UP_DATABASE_H
#define PGFAST_RESTORE_TAKE_UP_DATABASE_H

#include "engine/restore/restore.h"

/* Before the first definition. With --create the journal comes with the database, unless an
 * interrupted run has made that. */
bool take_up_database(struct restore *restore, struct error *error) MUST_CHECK;

#endif
