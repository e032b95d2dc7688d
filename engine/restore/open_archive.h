/* The archive of a restore, opened as far as its options trust it. */
#ifndef PGFAST_RESTORE_OPEN_ARCHIVE_H
#define PGFAST_RESTORE_OPEN_ARCHIVE_H

#include "engine/restore/restore.h"

/* Which sizes the files have is known before anything is touched; what they hold, before anything
 * of it is committed. A salvage goes past what is not as written, and tells it. */
bool open_archive(struct restore *restore, struct error *error) MUST_CHECK;

#endif
