/* Work that outlives its session: when the connection is lost in the middle of it (or the server
 * begins anew, or somebody ends the session there), another session takes its place, reads in the
 * journal what has been done, and does the rest. Without a journal a lost session ends the restore.
 */
#ifndef PGFAST_RESTORE_ENDURE_H
#define PGFAST_RESTORE_ENDURE_H

#include "engine/restore/assignment.h"
#include "engine/restore/execute.h"
#include "engine/restore/target.h"

/* As perform_assignment. */
void endure_assignment(struct target *target, struct assignment *assignment);

/* As execute_entries. */
size_t endure_entries(struct target *target, enum execute_action action,
                      const struct toc_entry *const *entries, size_t count,
                      struct outcome *outcomes);

#endif
