#include "engine/dump/cuts.h"

#include "engine/archive/large_object_pages.h"
#include "engine/schema/split.h"

/* Before 14 a condition on ctid scans the whole table. */
enum { TID_RANGE_SCAN_SERVER = 140000 };

static uint64_t total_bytes(const struct schema *schema)
{
    uint64_t total = 0;

    for (size_t i = 0; i < schema->count; i++)
        total += schema->relations[i].heap_bytes + schema->relations[i].toast_bytes;
    return total;
}

/* The order of an extension's tables matters. Only of them the definition is not in the archive. */
static bool is_of_extension(const struct toc *toc, const struct toc_entry *entry)
{
    return !large_object_pages_is_entry(entry) &&
           (entry->dependency_count == 0 || !toc_find(toc, entry->dependencies[0]));
}

/* Only plain tables of the database itself: a condition already chooses rows. */
static const struct relation *divisible_relation(const struct toc *toc,
                                                 const struct toc_entry *entry,
                                                 const struct schema *schema)
{
    const struct relation *relation;

    if (entry->type != ENTRY_TABLE_DATA || is_of_extension(toc, entry))
        return NULL;
    relation = schema_find(schema, entry->oid);
    return relation && relation->kind == 'r' && !relation->condition ? relation : NULL;
}

static bool cut_by_key(struct cut *cut, struct arena *arena, struct session *session,
                       const struct relation *relation, unsigned pieces, struct error *error)
{
    struct split_key *key = arena_allocate(arena, 1, sizeof(*key));

    if (!schema_read_split_key(key, arena, session, relation, pieces, error))
        return false;
    if (key->column) {
        cut->key = key;
        cut->pieces = (unsigned)key->bound_count + 1;
    }
    return true;
}

static bool decide(struct cut *cut, struct arena *arena, struct session *session,
                   const struct relation *relation, uint64_t blocks, uint64_t piece_bytes,
                   struct error *error)
{
    unsigned pieces =
        split_count_pieces(relation->heap_bytes + relation->toast_bytes, piece_bytes, blocks);

    if (pieces < 2)
        return true;
    if (!relation->is_heap || session_server_version(session) < TID_RANGE_SCAN_SERVER)
        return cut_by_key(cut, arena, session, relation, pieces, error);
    cut->pieces = pieces;
    return true;
}

bool cuts_decide(struct cut **cuts, struct arena *arena, struct session *session,
                 const struct toc *toc, const struct schema *schema,
                 const struct dump_options *options, struct error *error)
{
    uint64_t piece_bytes = options->split_bytes
                               ? options->split_bytes
                               : split_choose_bytes(total_bytes(schema), options->jobs);

    *cuts = arena_allocate(arena, toc->count + 1, sizeof(**cuts));
    for (size_t i = 0; !options->no_split && i < toc->count; i++) {
        const struct relation *relation = divisible_relation(toc, toc->entries[i], schema);

        if (relation && !decide(&(*cuts)[i], arena, session, relation,
                                relation->heap_bytes / schema->block_bytes, piece_bytes, error))
            return false;
    }
    return true;
}
