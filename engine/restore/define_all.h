/* Pre-data: definitions that come before all steps, one after the other where they may need each
 * other, spread over the team's sessions where they do not. */
#ifndef PGFAST_RESTORE_DEFINE_ALL_H
#define PGFAST_RESTORE_DEFINE_ALL_H

#include "engine/restore/restore.h"

/* False: a failure has ended the restore; others are told and counted. */
bool define_all(struct restore *restore, struct error *error) MUST_CHECK;

#endif
