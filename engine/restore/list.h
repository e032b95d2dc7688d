/* An archive's contents as `pg_restore -l` prints them. */
#ifndef PGFAST_RESTORE_LIST_H
#define PGFAST_RESTORE_LIST_H

#include "engine/archive/archive.h"
#include "engine/base/text.h"
#include "engine/restore/selection.h"

void list_print(struct text *text, const struct archive *archive, const struct selection *selection,
                bool is_verbose);

#endif
