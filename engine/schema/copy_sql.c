#include "engine/schema/copy_sql.h"

#include "engine/base/text.h"
#include "engine/schema/split.h"

/* "(a, b)" as it stands in a select list; a table without columns selects none. */
static struct span select_list(struct span columns)
{
    if (columns.length < 2)
        return (struct span){(const unsigned char *)"", 0};
    return (struct span){columns.data + 1, columns.length - 2};
}

/* The rest of the statement. */
static const char *destination(const struct relation *relation)
{
    return relation->is_binary ? "TO STDOUT WITH (FORMAT binary)" : "TO STDOUT";
}

static const char *make(struct arena *arena, const struct relation *relation, struct span columns,
                        const char *only, const char *condition)
{
    struct span list = select_list(columns);

    return arena_print(arena, "COPY (SELECT %.*s FROM %s%s %s) %s", (int)list.length,
                       (const char *)list.data, only, relation->name, condition,
                       destination(relation));
}

const char *copy_sql_whole(struct arena *arena, const struct relation *relation,
                           struct span columns)
{
    /* As pg_dump does it, without ONLY: a condition may speak of children, and a foreign table may
     * have them. */
    if (relation->kind == 'f' || relation->condition)
        return make(arena, relation, columns, "", relation->condition ? relation->condition : "");
    return arena_print(arena, "COPY %s %.*s %s", relation->name, (int)columns.length,
                       (const char *)columns.data, destination(relation));
}

const char *copy_sql_by_ctid(struct arena *arena, const struct relation *relation,
                             struct span columns, uint64_t blocks, unsigned pieces, unsigned index)
{
    uint32_t first = split_first_block(blocks, pieces, index);
    const char *condition;

    if (index + 1 == pieces)
        condition = arena_print(arena, "WHERE ctid >= '(%u,0)'", first);
    else if (index == 0)
        condition =
            arena_print(arena, "WHERE ctid < '(%u,0)'", split_first_block(blocks, pieces, 1));
    else
        condition = arena_print(arena, "WHERE ctid >= '(%u,0)' AND ctid < '(%u,0)'", first,
                                split_first_block(blocks, pieces, index + 1));
    return make(arena, relation, columns, "ONLY ", condition);
}

const char *copy_sql_by_key(struct arena *arena, const struct relation *relation,
                            struct span columns, const struct split_key *key, unsigned index)
{
    const char *condition;

    if (index == 0)
        condition = arena_print(arena, "WHERE %s < %s OR %s IS NULL", key->column, key->bounds[0],
                                key->column);
    else if (index == key->bound_count)
        condition = arena_print(arena, "WHERE %s >= %s", key->column, key->bounds[index - 1]);
    else
        condition = arena_print(arena, "WHERE %s >= %s AND %s < %s", key->column,
                                key->bounds[index - 1], key->column, key->bounds[index]);
    return make(arena, relation, columns, "ONLY ", condition);
}

const char *tid_range_condition(struct arena *arena, struct tid from, uint64_t end_block)
{
    if (end_block > UINT32_MAX)
        return arena_print(arena, "WHERE ctid >= '(%u,%u)'", from.block, from.offset);
    return arena_print(arena, "WHERE ctid >= '(%u,%u)' AND ctid < '(%u,0)'", from.block,
                       from.offset, (uint32_t)end_block);
}

const char *copy_sql_where(struct arena *arena, const struct relation *relation,
                           struct span columns, const char *condition)
{
    return make(arena, relation, columns, "ONLY ", condition);
}
