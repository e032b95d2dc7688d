/* The tables that a restore both makes and fills: where one is there already its definition fails,
 * and its rows would come on top of those that it holds. Pure. */
#ifndef PGFAST_RESTORE_FRESH_TABLES_H
#define PGFAST_RESTORE_FRESH_TABLES_H

#include "engine/base/arena.h"
#include "engine/base/name_set.h"
#include "engine/restore/plan.h"
#include "engine/restore/selection.h"

/* Sealed; the names, qualified and quoted where they must be, live in the arena. */
void fresh_tables_find(struct name_set *tables, struct arena *arena,
                       const struct selection *selection, const struct plan *plan);

#endif
