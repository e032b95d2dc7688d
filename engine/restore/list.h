/* An archive's contents as `pg_restore -l` of PostgreSQL 18 prints them. */
#ifndef PGFAST_RESTORE_LIST_H
#define PGFAST_RESTORE_LIST_H

#include "engine/archive/archive.h"
#include "engine/base/text.h"
#include "engine/restore/selection.h"

/* Verbose: also the entries that are not wanted, and what each depends on. Times are local. */
void list_print(struct text *text, const struct archive *archive, const struct selection *selection,
                bool is_verbose);

#endif
