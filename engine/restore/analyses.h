/* Whose statistics a restore gathers: of every table that it brings rows of and every materialized
 * view that it fills, unless the archive brings their statistics. Small tables go many at a time.
 * Pure. */
#ifndef PGFAST_RESTORE_ANALYSES_H
#define PGFAST_RESTORE_ANALYSES_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"
#include "engine/restore/selection.h"
#include "engine/restore/table_graph.h"

#include <stdbool.h>
#include <stddef.h>

/* Before server 18 the ANALYZE of a partitioned table goes through its partitions as well; from 18
 * on each can have its own. */
struct analyzed_relation {
    const struct toc_entry *entry; /* carries its schema and name */
    size_t table;                  /* its number + 1 in the graph; NO_NUMBER: no table */
    bool is_partitioned;
    bool is_partition; /* of a partitioned table that is analyzed too */
};

/* What one ANALYZE is about. */
struct analysis {
    const struct analyzed_relation *relations;
    size_t count;
};

struct analyses {
    struct analysis *items; /* parts before the tables that they are parts of */
    size_t count;
};

/* Everything lives in the arena. */
void analyses_choose(struct analyses *analyses, struct arena *arena, const struct toc *toc,
                     const struct selection *selection, const struct table_graph *graph);

#endif
