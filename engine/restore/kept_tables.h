/* Tables that a restore with --clean was to replace, and that stand as they were: something else
 * hangs on them, or they are not the role's to drop. The archive's rows would come on top of
 * theirs.
 */
#ifndef PGFAST_RESTORE_KEPT_TABLES_H
#define PGFAST_RESTORE_KEPT_TABLES_H

#include "engine/restore/restore.h"

/* A definition that failed: the table is one of them if that was because it is there. */
void kept_tables_note(struct restore *restore, const struct toc_entry *entry,
                      const struct outcome *outcome);

/* Once all that is serial is done: bars the rows of those that hold some already, each with a
 * warning. Where that cannot be told, it bars them, too. */
void kept_tables_bar(struct restore *restore);

#endif
