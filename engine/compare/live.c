#include "engine/compare/live.h"

#include "engine/schema/queries.h"

#include <stdlib.h>
#include <string.h>

static int compare_names(const void *one, const void *other)
{
    const struct live_relation *left = one, *right = other;
    int order = strcmp(left->schema, right->schema);

    return order != 0 ? order : strcmp(left->name, right->name);
}

static int compare_oids(const void *one, const void *other)
{
    uint32_t left = (*(const struct live_relation *const *)one)->oid;
    uint32_t right = (*(const struct live_relation *const *)other)->oid;

    return (left > right) - (left < right);
}

void live_seal(struct live *live, struct arena *arena)
{
    live->by_oid = arena_allocate(arena, live->count + 1, sizeof(struct live_relation *));
    qsort(live->relations, live->count, sizeof live->relations[0], compare_names);
    for (size_t i = 0; i < live->count; i++)
        live->by_oid[i] = &live->relations[i];
    qsort(live->by_oid, live->count, sizeof(struct live_relation *), compare_oids);
}

const struct live_relation *live_find(const struct live *live, const char *schema, const char *name)
{
    const struct live_relation wanted = {.schema = schema, .name = name};

    return bsearch(&wanted, live->relations, live->count, sizeof wanted, compare_names);
}

const struct live_relation *live_find_oid(const struct live *live, uint32_t oid)
{
    const struct live_relation wanted = {.oid = oid}, *key = &wanted;
    const struct live_relation **found =
        bsearch(&key, live->by_oid, live->count, sizeof(struct live_relation *), compare_oids);

    return found != NULL ? *found : NULL;
}

static struct live_relation read_relation(struct arena *arena, const struct rows *rows, int row)
{
    return (struct live_relation){
        .oid = (uint32_t)rows_number(rows, row, 0),
        .schema = arena_copy_text(arena, rows_text(rows, row, 1)),
        .name = arena_copy_text(arena, rows_text(rows, row, 2)),
        .kind = rows_text(rows, row, 3)[0],
        .columns = arena_copy_text(arena, rows_text(rows, row, 4)),
        .parent = (uint32_t)rows_number(rows, row, 5),
        .is_of_extension = strcmp(rows_text(rows, row, 6), "t") == 0,
    };
}

bool live_read(struct live *live, struct arena *arena, struct session *session, struct error *error)
{
    struct rows *rows = NULL;

    if (!session_query(session, query_comparable, &rows, error))
        return false;
    live->count = (size_t)rows_count(rows);
    live->relations = arena_allocate(arena, live->count + 1, sizeof live->relations[0]);
    for (size_t i = 0; i < live->count; i++)
        live->relations[i] = read_relation(arena, rows, (int)i);
    rows_free(rows);
    live_seal(live, arena);
    return true;
}
