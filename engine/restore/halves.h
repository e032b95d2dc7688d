/* Which constraints are restored in two halves (see sql/definition_halves.h): those of tables large
 * enough for sessions to be in each other's way. A key's index is then built beside the others of
 * its table, and foreign keys are validated side by side. Pure. */
#ifndef PGFAST_RESTORE_HALVES_H
#define PGFAST_RESTORE_HALVES_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"
#include "engine/restore/table_graph.h"
#include "engine/sql/definition_halves.h"

struct halved_entry {
    const struct toc_entry *whole;
    struct toc_entry first, second; /* the entry, with another definition */
    const char *undo;               /* takes the first back, where the second fails */
    size_t table;                   /* whose constraint it is: its number in the graph */
    int least_version;              /* of a server that takes it in halves, as 180000; 0: any */
};

/* NULL: it stays whole. Otherwise in the arena. */
const struct halved_entry *halves_choose(struct arena *arena, struct table_graph *graph,
                                         const struct toc_entry *entry);

#endif
