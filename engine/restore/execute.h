/* The statements of entries, on a session. Failures go into their outcomes. With a journal, what an
 * entry leaves is committed as a whole and noted down; a statement that fails is undone by itself,
 * as without. */
#ifndef PGFAST_RESTORE_EXECUTE_H
#define PGFAST_RESTORE_EXECUTE_H

#include "engine/restore/target.h"

/* The halves: of a definition that comes in two. */
enum execute_action { EXECUTE_DEFINITION, EXECUTE_FIRST_HALF, EXECUTE_DROP };

/* What the journal calls it. */
uint64_t execute_key(enum execute_action action, const struct toc_entry *entry);

void execute_entry(struct target *target, enum execute_action action, const struct toc_entry *entry,
                   struct outcome *outcome);

/* As many of the entries as go together, from the first, and at least that one: returns how many
 * have their (zeroed) outcome. After one that stops, the rest is left. What happens is the same as
 * one by one. */
size_t execute_entries(struct target *target, enum execute_action action,
                       const struct toc_entry *const *entries, size_t count,
                       struct outcome *outcomes);

/* Definitions, many together; what does not go well is undone, and postponed without a word. */
void execute_tentatively(struct target *target, const struct toc_entry *const *entries,
                         size_t count, struct outcome *outcomes);

/* Around a table's data, of which one entry is given. */
void execute_trigger_switch(struct target *target, const struct toc_entry *data,
                            enum trigger_switch trigger_switch, struct outcome *outcome);

#endif
