/* What a restore does with an entry, and in which pass. Pure. */
#ifndef PGFAST_RESTORE_PLAN_ENTRY_H
#define PGFAST_RESTORE_PLAN_ENTRY_H

#include "engine/restore/plan.h"

/* Goes before everything else, and not as a step. */
bool plan_entry_is_special(const struct toc_entry *entry);

enum plan_pass plan_entry_pass(const struct toc_entry *entry);
enum plan_action plan_entry_action(const struct selected_entry *selected);

#endif
