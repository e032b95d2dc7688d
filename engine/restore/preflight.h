/* What can be known before a restore changes anything, asked on the first session, which is in no
 * transaction yet. */
#ifndef PGFAST_RESTORE_PREFLIGHT_H
#define PGFAST_RESTORE_PREFLIGHT_H

#include "engine/restore/restore.h"

/* All that the target lacks, at once, as warnings: what fails for it fails as it would have.
 * Nothing that goes wrong here ends a restore. */
void preflight_tell_missing(struct restore *restore);

/* ERROR_CONFLICT: tables that the restore would make hold rows already, and would hold them twice.
 * With options that say what shall become of them (--clean, --data-only) that is not asked. */
bool preflight_check_tables(struct restore *restore, struct error *error) MUST_CHECK;

#endif
