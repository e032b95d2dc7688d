/* The COPY … TO STDOUT that reads one piece of a relation, in the relation's format. Pure text. */
#ifndef PGFAST_SCHEMA_COPY_SQL_H
#define PGFAST_SCHEMA_COPY_SQL_H

#include "engine/base/arena.h"
#include "engine/base/span.h"
#include "engine/schema/schema.h"

/* The whole relation, without its children, under its condition if it has one. */
const char *copy_sql_whole(struct arena *arena, const struct relation *relation,
                           struct span columns);

/* The blocks of piece `index` of `pieces`. The first piece begins, and the last one ends, at no
 * particular block: so the pieces cover all that the snapshot can see, whatever happens to the
 * table meanwhile. */
const char *copy_sql_by_ctid(struct arena *arena, const struct relation *relation,
                             struct span columns, uint64_t blocks, unsigned pieces, unsigned index);

/* The keys between bound index - 1 and bound index; nulls belong to the first piece. */
const char *copy_sql_by_key(struct arena *arena, const struct relation *relation,
                            struct span columns, const struct split_key *key, unsigned index);

/* A place in a table's file. */
struct tid {
    uint32_t block;
    unsigned offset;
};

/* "WHERE …", for the rows from a place on, up to block `end_block`; above UINT32_MAX: to the last.
 */
const char *tid_range_condition(struct arena *arena, struct tid from, uint64_t end_block);

/* The rows under such a condition. */
const char *copy_sql_where(struct arena *arena, const struct relation *relation,
                           struct span columns, const char *condition);

#endif
