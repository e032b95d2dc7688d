#include "engine/schema/binary_form.h"
#include "engine/schema/queries.h"
#include "engine/schema/schema.h"

static const char *relation_oids(const struct schema *schema, struct arena *arena)
{
    uint32_t *oids = arena_allocate(arena, schema->count + 1, sizeof(*oids));

    for (size_t i = 0; i < schema->count; i++)
        oids[i] = schema->relations[i].oid;
    return schema_oid_array(arena, oids, schema->count);
}

static bool read_types(struct types *types, struct arena *arena, struct session *session,
                       const char *oid_array, struct error *error)
{
    struct rows *rows = NULL;

    if (!session_query_parameters(session, query_column_types, 1, &oid_array, &rows, error))
        return false;

    struct type *items = arena_allocate(arena, (size_t)rows_count(rows) + 1, sizeof(*items));

    types->items = items;
    types->count = (size_t)rows_count(rows);
    for (size_t i = 0; i < types->count; i++)
        items[i] = (struct type){
            .oid = (uint32_t)rows_number(rows, (int)i, 0),
            .kind = (enum type_kind)rows_text(rows, (int)i, 1)[0],
            .part = (uint32_t)rows_number(rows, (int)i, 2),
        };
    rows_free(rows);
    return true;
}

/* "{}" where there is none. */
static const char *unportable_types(const struct types *types, struct arena *arena)
{
    uint32_t *oids = arena_allocate(arena, types->count + 1, sizeof(*oids));
    size_t count = 0;

    for (size_t i = 0; i < types->count; i++)
        if (!binary_form_is_portable(types, types->items[i].oid))
            oids[count++] = types->items[i].oid;
    return schema_oid_array(arena, oids, count);
}

static struct relation *find(struct schema *schema, uint32_t oid)
{
    const struct relation *found = schema_find(schema, oid);

    return found ? &schema->relations[found - schema->relations] : NULL;
}

static bool mark_relations(struct schema *schema, struct arena *arena, struct session *session,
                           const char *relations, const char *types, struct error *error)
{
    const char *parameters[] = {relations, types};
    struct rows *rows = NULL;

    if (!session_query_parameters(session, query_columns_of_types, 2, parameters, &rows, error))
        return false;
    for (int row = 0; row < rows_count(rows); row++) {
        struct relation *relation = find(schema, (uint32_t)rows_number(rows, row, 0));

        if (relation)
            relation->unportable = arena_print(arena, "\"%s\" of type %s", rows_text(rows, row, 1),
                                               rows_text(rows, row, 2));
    }
    rows_free(rows);
    return true;
}

bool schema_read_unportable(struct schema *schema, struct arena *arena, struct session *session,
                            struct error *error)
{
    const char *relations = relation_oids(schema, arena);
    struct types types;

    return read_types(&types, arena, session, relations, error) &&
           mark_relations(schema, arena, session, relations, unportable_types(&types, arena),
                          error);
}
