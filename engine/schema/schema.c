#include "engine/schema/schema.h"

#include "engine/base/text.h"
#include "engine/schema/queries.h"

#include <stdlib.h>
#include <string.h>

char *schema_oid_array(struct arena *arena, const uint32_t *oids, size_t count)
{
    struct text text;

    text_init(&text, TEXT_MAXIMUM);
    text_append_char(&text, '{');
    for (size_t i = 0; i < count; i++)
        text_print(&text, i ? ",%u" : "%u", oids[i]);
    text_append_char(&text, '}');

    char *array = arena_copy_text(arena, text.data);

    text_clear(&text);
    return array;
}

static int compare_relations(const void *left, const void *right)
{
    const struct relation *a = left, *b = right;

    return (a->oid > b->oid) - (a->oid < b->oid);
}

static void read_relation(struct relation *relation, struct arena *arena, const struct rows *rows,
                          int row)
{
    relation->oid = (uint32_t)rows_number(rows, row, 0);
    relation->kind = rows_text(rows, row, 1)[0];
    relation->name = arena_copy_text(arena, rows_text(rows, row, 2));
    relation->is_heap = strcmp(rows_text(rows, row, 3), "heap") == 0;
    relation->has_size = !rows_is_null(rows, row, 4) && !rows_is_null(rows, row, 5);
    relation->heap_bytes = rows_number(rows, row, 4);
    relation->toast_bytes = rows_number(rows, row, 5);
    if (rows_text(rows, row, 6)[0] != '\0')
        relation->condition = arena_copy_text(arena, rows_text(rows, row, 6));
    if (!rows_is_null(rows, row, 7))
        relation->columns = arena_copy_text(arena, rows_text(rows, row, 7));
}

static bool read_block_size(struct schema *schema, struct session *session, struct error *error)
{
    struct rows *rows = NULL;

    if (!session_query(session, "SELECT pg_catalog.current_setting('block_size')", &rows, error))
        return false;
    schema->block_bytes = (uint32_t)rows_number(rows, 0, 0);
    rows_free(rows);
    return true;
}

static void read_relations(struct schema *schema, struct arena *arena, const struct rows *rows)
{
    struct relation *relations =
        arena_allocate(arena, (size_t)rows_count(rows) + 1, sizeof(*relations));

    schema->count = (size_t)rows_count(rows);
    for (size_t i = 0; i < schema->count; i++)
        read_relation(&relations[i], arena, rows, (int)i);
    qsort(relations, schema->count, sizeof(*relations), compare_relations);
    schema->relations = relations;
}

bool schema_read(struct schema *schema, struct arena *arena, struct session *session,
                 const uint32_t *oids, size_t count, struct error *error)
{
    const char *parameters[] = {schema_oid_array(arena, oids, count)};
    struct rows *rows = NULL;

    if (!read_block_size(schema, session, error) ||
        !session_query_parameters(session, query_relations, 1, parameters, &rows, error))
        return false;
    read_relations(schema, arena, rows);
    rows_free(rows);
    return true;
}

bool schema_read_plain_tables(struct schema *schema, struct arena *arena, struct session *session,
                              struct error *error)
{
    struct rows *rows = NULL;

    if (!read_block_size(schema, session, error) ||
        !session_query(session, query_plain_tables, &rows, error))
        return false;
    read_relations(schema, arena, rows);
    rows_free(rows);
    return true;
}

/* Both by oid; what is gone meanwhile has no size. */
static void take_sizes(struct relation *relations, size_t count, const struct rows *rows)
{
    int row = 0;

    for (size_t i = 0; i < count; i++) {
        if (relations[i].has_size)
            continue;
        while (row < rows_count(rows) && rows_number(rows, row, 0) < relations[i].oid)
            row++;
        relations[i].has_size = true;
        if (row == rows_count(rows) || rows_number(rows, row, 0) != relations[i].oid)
            continue;
        relations[i].heap_bytes = rows_number(rows, row, 1);
        relations[i].toast_bytes = rows_number(rows, row, 2);
    }
}

bool schema_measure(struct schema *schema, struct arena *arena, struct session *session,
                    struct error *error)
{
    struct relation *relations = arena_allocate(arena, schema->count + 1, sizeof(*relations));
    uint32_t *oids = arena_allocate(arena, schema->count + 1, sizeof(*oids));
    size_t count = 0;
    struct rows *rows = NULL;

    for (size_t i = 0; i < schema->count; i++) {
        relations[i] = schema->relations[i];
        if (!relations[i].has_size)
            oids[count++] = relations[i].oid;
    }
    if (count == 0)
        return true;

    const char *parameters[] = {schema_oid_array(arena, oids, count)};

    if (!session_query_parameters(session, query_relation_sizes, 1, parameters, &rows, error))
        return false;
    take_sizes(relations, schema->count, rows);
    rows_free(rows);
    schema->relations = relations;
    return true;
}

struct schema schema_merge(struct arena *arena, const struct schema *one,
                           const struct schema *other)
{
    size_t count = one->count + other->count;
    struct relation *relations = arena_allocate(arena, count + 1, sizeof(*relations));

    if (one->count > 0)
        memcpy(relations, one->relations, one->count * sizeof(*relations));
    if (other->count > 0)
        memcpy(relations + one->count, other->relations, other->count * sizeof(*relations));
    qsort(relations, count, sizeof(*relations), compare_relations);
    return (struct schema){.relations = relations, .count = count, .block_bytes = one->block_bytes};
}

const struct relation *schema_find(const struct schema *schema, uint32_t oid)
{
    struct relation wanted = {.oid = oid};

    if (schema->count == 0)
        return NULL;
    return bsearch(&wanted, schema->relations, schema->count, sizeof(wanted), compare_relations);
}

/* The server computes the bounds: exactly, in the key's own type, over whatever range it has. */
static bool read_bounds(struct split_key *key, struct arena *arena, struct session *session,
                        const struct relation *relation, const char *type, unsigned pieces,
                        struct error *error)
{
    const char *sql = arena_print(
        arena,
        "SELECT DISTINCT pg_catalog.quote_literal((low + (high - low) * piece / %u)::%s) || "
        "'::%s', "
        "(low + (high - low) * piece / %u)::%s "
        "FROM (SELECT pg_catalog.min(%s)::pg_catalog.numeric AS low, "
        "pg_catalog.max(%s)::pg_catalog.numeric AS high "
        "FROM ONLY %s) AS width, pg_catalog.generate_series(1, %u) AS piece "
        /* False for NaN and infinities too, which leave nothing to divide. */
        "WHERE low < high AND high - low < 1e30 ORDER BY 2",
        pieces, type, type, pieces, type, key->column, key->column, relation->name, pieces - 1);
    struct rows *rows = NULL;

    if (!session_query(session, sql, &rows, error))
        return false;

    const char **bounds = arena_allocate(arena, (size_t)rows_count(rows) + 1, sizeof(*bounds));

    key->bound_count = (size_t)rows_count(rows);
    for (size_t i = 0; i < key->bound_count; i++)
        bounds[i] = arena_copy_text(arena, rows_text(rows, (int)i, 0));
    key->bounds = bounds;
    rows_free(rows);
    return true;
}

bool schema_read_split_key(struct split_key *key, struct arena *arena, struct session *session,
                           const struct relation *relation, unsigned pieces, struct error *error)
{
    const char *parameters[] = {arena_print(arena, "%u", relation->oid)};
    struct rows *rows = NULL;

    *key = (struct split_key){0};
    if (pieces < 2)
        return true;
    if (!session_query_parameters(session, query_split_keys, 1, parameters, &rows, error))
        return false;

    const char *type = NULL;

    if (rows_count(rows) > 0) {
        key->column = arena_copy_text(arena, rows_text(rows, 0, 0));
        type = arena_copy_text(arena, rows_text(rows, 0, 1));
    }
    rows_free(rows);
    if (!key->column)
        return true;
    if (!read_bounds(key, arena, session, relation, type, pieces, error))
        return false;
    if (key->bound_count == 0)
        key->column = NULL;
    return true;
}

bool schema_read_room(unsigned *free_connections, uint64_t *data_bytes, struct session *session,
                      struct error *error)
{
    struct rows *rows = NULL;

    if (!session_query(session, query_room, &rows, error))
        return false;

    long long free_now = strtoll(rows_text(rows, 0, 0), NULL, 10);

    *free_connections = free_now > 0 ? (unsigned)free_now : 0;
    *data_bytes = rows_number(rows, 0, 1);
    rows_free(rows);
    return true;
}

bool schema_read_spare_room(uint64_t *free_connections, uint64_t *locks, struct session *session,
                            struct error *error)
{
    struct rows *rows = NULL;

    if (!session_query(session, query_spare_room, &rows, error))
        return false;
    *free_connections = rows_text(rows, 0, 0)[0] == '-' ? 0 : rows_number(rows, 0, 0);
    *locks = rows_number(rows, 0, 1);
    rows_free(rows);
    return true;
}

bool schema_read_large_objects(const uint32_t **oids, size_t *count, struct arena *arena,
                               struct session *session, struct error *error)
{
    struct rows *rows = NULL;

    if (!session_query(session, "SELECT oid FROM pg_catalog.pg_largeobject_metadata ORDER BY oid",
                       &rows, error))
        return false;

    uint32_t *list = arena_allocate(arena, (size_t)rows_count(rows) + 1, sizeof(*list));

    *count = (size_t)rows_count(rows);
    for (size_t i = 0; i < *count; i++)
        list[i] = (uint32_t)rows_number(rows, (int)i, 0);
    rows_free(rows);
    *oids = list;
    return true;
}
