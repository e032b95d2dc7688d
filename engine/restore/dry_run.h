/* --dry-run: a restore that changes nothing. */
#ifndef PGFAST_RESTORE_DRY_RUN_H
#define PGFAST_RESTORE_DRY_RUN_H

#include "engine/base/text.h"
#include "engine/restore/run.h"

/* What the restore would do, in which order, and how long that might take: as text. Only
 * where a database is named is its server asked, for what it has, so `jobs` must not be 0. */
bool restore_rehearse(const struct restore_options *options, struct watch *watch, struct text *text,
                      struct error *error) MUST_CHECK;

#endif
