/* The tables of an archive and what they have to do with each other: which data entries hold the
 * rows of each, which tables are parts of others (partitions and heirs), and whose rows have to be
 * there before whose. Found once, while a plan is made. Pure. */
#ifndef PGFAST_RESTORE_TABLE_GRAPH_H
#define PGFAST_RESTORE_TABLE_GRAPH_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"
#include "engine/restore/numbers.h"
#include "engine/restore/selection.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan_table {
    const struct toc_entry *definition; /* NULL: not in the archive */
    const struct toc_entry *data;       /* the first of its data entries; NULL: it has none */
    size_t data_count;                  /* data entries in the archive, wanted or not */
    uint64_t stored_bytes;              /* of all of them */
    bool is_partitioned;                /* it has no rows of its own */
    /* Of a partition or an heir: number + 1 of what it is a part of, of several the last. */
    size_t whole;
    bool is_created; /* by this run: it holds no rows yet, and has no triggers */
    bool is_barred;  /* its rows are not loaded */
};

/* Two tables that have to do with each other, in a list that belongs to the first. */
struct table_pair {
    size_t first, second; /* numbers of tables */
    size_t next;          /* number + 1 of the next pair with the same first */
};

struct table_pairs {
    struct table_pair *items;
    size_t count, capacity;
    size_t *first_by_table; /* number + 1 */
};

struct table_graph {
    struct plan_table *tables; /* in the arena; those with data first, in the order of their data */
    size_t count;
    size_t *by_dump_id; /* in the arena: number + 1, of definitions and of data entries */
    int largest_dump_id;
    struct table_pairs parts;       /* a table and one that is a part of it */
    struct table_pairs precedences; /* a table and one whose rows have to be there before its own */

    size_t *walk_by_table; /* the last walk that came by */
    size_t walk;
};

/* stored_bytes[i] belongs to selection->entries[i]. */
void table_graph_make(struct table_graph *graph, struct arena *arena, const struct toc *toc,
                      const struct selection *selection, const uint64_t *stored_bytes);
void table_graph_clear(struct table_graph *graph); /* all but what is in the arena */

/* The number + 1 of the table that the entry defines, or holds rows of. */
size_t table_graph_find(const struct table_graph *graph, int dump_id);

/* The pairs of one table: begin with `first_by_table` of it, go on with `next`; NULL is the end. */
const struct table_pair *table_pairs_get(const struct table_pairs *pairs, size_t number);

/* Stored, of the table and what descends from it. */
uint64_t table_graph_family_bytes(struct table_graph *graph, size_t table);

/* The table and what descends from it. */
void table_graph_find_family(struct table_graph *graph, size_t table, struct numbers *family);

/* The table and what it is a part of, all the way up. */
void table_graph_find_line(struct table_graph *graph, size_t table, struct numbers *line);

#endif
