#include "engine/compare/sequences.h"

#include "engine/base/text.h"
#include "engine/sql/quote.h"

#include <string.h>

/* "SELECT pg_catalog.setval('public.s', 1000, true);": what stands behind the name, which is the
 * entry's own. */
static const char *read_position(struct arena *arena, const char *definition)
{
    const char *position = NULL, *end;

    for (const char *at = definition; at != NULL && (at = strstr(at, "', ")) != NULL; at++)
        position = at + strlen("', ");
    if (position == NULL || (end = strchr(position, ')')) == NULL)
        return NULL;
    return arena_copy_bytes(arena, position, (size_t)(end - position));
}

static bool read_entry(struct sequence *sequence, struct arena *arena,
                       const struct toc_entry *entry, const struct live *live, struct error *error)
{
    const char *schema = entry->schema != NULL ? entry->schema : "";
    const char *name = entry->tag != NULL ? entry->tag : "";

    *sequence = (struct sequence){.entry = entry,
                                  .relation = live_find(live, schema, name),
                                  .archived = read_position(arena, entry->definition)};
    if (sequence->relation != NULL && sequence->relation->kind != 'S')
        sequence->relation = NULL;
    return sequence->archived != NULL ||
           error_set(error, ERROR_DAMAGED, "the value of sequence %s.%s is not understood", schema,
                     name);
}

bool sequences_make(struct sequences *sequences, struct arena *arena, const struct toc *toc,
                    const struct live *live, struct error *error)
{
    *sequences = (struct sequences){.items = NULL};
    for (size_t i = 0; i < toc->count; i++)
        sequences->count += toc->entries[i]->type == ENTRY_SEQUENCE_SET;
    sequences->items = arena_allocate(arena, sequences->count + 1, sizeof sequences->items[0]);

    struct sequence *next = sequences->items;

    for (size_t i = 0; i < toc->count; i++)
        if (toc->entries[i]->type == ENTRY_SEQUENCE_SET &&
            !read_entry(next++, arena, toc->entries[i], live, error))
            return false;
    return true;
}

static void append_sequence(struct text *sql, size_t place, const struct live_relation *relation)
{
    text_print(
        sql,
        "%sSELECT %zu, last_value || CASE WHEN is_called THEN ', true' ELSE ', false' END FROM ",
        sql->length_bytes > 0 ? " UNION ALL " : "", place);
    quote_qualified(sql, relation->schema, relation->name);
}

const char *sequences_query(struct arena *arena, const struct sequence *sequences, size_t count)
{
    const char *query = NULL;
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    for (size_t i = 0; i < count; i++)
        if (sequences[i].relation != NULL)
            append_sequence(&sql, i, sequences[i].relation);
    if (sql.length_bytes > 0)
        query = arena_copy_text(arena, sql.data);
    text_clear(&sql);
    return query;
}
