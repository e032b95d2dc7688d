/* What can be known before a restore changes anything: all that the target lacks, told at once.
 * What fails for it fails as it would have. Nothing that goes wrong here ends a restore. */
#ifndef PGFAST_RESTORE_PREFLIGHT_H
#define PGFAST_RESTORE_PREFLIGHT_H

#include "engine/restore/restore.h"

/* On the first session, which is in no transaction. */
void preflight_tell_missing(struct restore *restore);

#endif
