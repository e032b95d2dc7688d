#include "engine/dump/definition_changes.h"

#include "engine/base/arena.h"
#include "engine/base/text.h"
#include "engine/schema/queries.h"
#include "engine/schema/schema.h"

#include <string.h>

enum { NAMES_MOST = 5, NAMES_BYTES = 500 };

enum { CATALOG, OID, VERSION }; /* columns of the query; rows come by oid, then by catalog */

static bool read_versions(struct session *session, const char *oid_array, struct rows **rows,
                          struct error *error)
{
    return session_query_parameters(session, query_definition_versions, 1, &oid_array, rows, error);
}

static const char *list_oids(const struct rows *rows, struct arena *arena)
{
    size_t count = (size_t)rows_count(rows);
    uint32_t *oids = arena_allocate(arena, count, sizeof(*oids));

    for (size_t i = 0; i < count; i++)
        oids[i] = (uint32_t)rows_number(rows, (int)i, OID);
    return schema_oid_array(arena, oids, count);
}

static bool is_before(const struct rows *rows, int row, const struct toc_entry *entry)
{
    uint64_t oid = rows_number(rows, row, OID);

    return oid < entry->oid ||
           (oid == entry->oid && rows_number(rows, row, CATALOG) < entry->catalog_oid);
}

/* NULL: there is no row of what the entry is about. */
static const char *find_version(const struct rows *rows, const struct toc_entry *entry)
{
    int low = 0, high = rows_count(rows);

    while (low < high) {
        int middle = low + (high - low) / 2;

        if (is_before(rows, middle, entry))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == rows_count(rows) || rows_number(rows, low, OID) != entry->oid ||
        rows_number(rows, low, CATALOG) != entry->catalog_oid)
        return NULL;
    return rows_text(rows, low, VERSION);
}

static bool is_changed(const struct toc_entry *entry, const struct rows *then,
                       const struct rows *now)
{
    const char *old = find_version(then, entry);

    if (!old)
        return false;

    const char *present = find_version(now, entry);

    return !present || strcmp(old, present) != 0;
}

static void append_name(struct text *names, const struct toc_entry *entry)
{
    text_append(names, names->length_bytes > 0 ? ", " : "");
    text_print(names, "%s ", entry->desc);
    if (entry->schema)
        text_print(names, "%s.", entry->schema);
    text_append(names, entry->tag ? entry->tag : "?");
}

static const char *name_changed(const struct toc *toc, const struct rows *then,
                                const struct rows *now, struct arena *arena)
{
    struct text names;
    size_t count = 0;

    text_init(&names, NAMES_BYTES);
    for (size_t i = 0; i < toc->count; i++)
        if (is_changed(toc->entries[i], then, now) && ++count <= NAMES_MOST)
            append_name(&names, toc->entries[i]);

    const char *what = count <= NAMES_MOST
                           ? arena_copy_text(arena, names.data)
                           : arena_print(arena, "%s and %zu more", names.data, count - NAMES_MOST);

    text_clear(&names);
    return count > 0 ? what : NULL;
}

bool definition_changes_find(const struct definition_request *request, struct arena *arena,
                             const char **what, struct error *error)
{
    struct rows *then = NULL, *now = NULL;
    bool is_read = read_versions(request->coordinator, NULL, &then, error);

    *what = NULL;
    if (is_read && rows_count(then) > 0) {
        is_read = read_versions(request->observer, list_oids(then, arena), &now, error);
        if (is_read)
            *what = name_changed(request->toc, then, now, arena);
    }
    rows_free(then);
    rows_free(now);
    return is_read;
}
