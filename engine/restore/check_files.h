/* Whether the files are there that a restore is going to read. */
#ifndef PGFAST_RESTORE_CHECK_FILES_H
#define PGFAST_RESTORE_CHECK_FILES_H

#include "engine/restore/restore.h"

/* Before anything is changed. Files that had a size when they were measured are there; a list of
 * large objects must be readable, and its names within the archive. A salvage passes by what is
 * damaged. */
bool check_files(const struct restore *restore, struct error *error) MUST_CHECK;

#endif
