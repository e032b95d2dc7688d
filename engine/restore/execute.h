/* The statements of one entry, on a session. Failures go into the outcome. */
#ifndef PGFAST_RESTORE_EXECUTE_H
#define PGFAST_RESTORE_EXECUTE_H

#include "engine/restore/target.h"

void execute_definition(struct target *target, const struct toc_entry *entry,
                        struct outcome *outcome);
void execute_drop(struct target *target, const struct toc_entry *entry, struct outcome *outcome);

/* Around a table's data, of which one entry is given. */
void execute_trigger_switch(struct target *target, const struct toc_entry *data,
                            enum trigger_switch trigger_switch, struct outcome *outcome);

#endif
