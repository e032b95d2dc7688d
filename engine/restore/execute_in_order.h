/* Entries one behind the other on the coordinator's session, and what follows from each. */
#ifndef PGFAST_RESTORE_EXECUTE_IN_ORDER_H
#define PGFAST_RESTORE_EXECUTE_IN_ORDER_H

#include "engine/restore/execute.h"
#include "engine/restore/restore.h"

#include <stddef.h>

/* What one entry brings about: false ends the restore. */
typedef bool conclude_entry(struct restore *restore, const struct toc_entry *entry,
                            const struct outcome *outcome, struct error *error);

/* A conclusion may renew the session. */
bool execute_in_order(struct restore *restore, enum execute_action action, conclude_entry *conclude,
                      const struct toc_entry *const *entries, size_t count,
                      struct error *error) MUST_CHECK;

#endif
