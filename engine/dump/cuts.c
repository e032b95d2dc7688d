#include "engine/dump/cuts.h"

#include "engine/archive/large_object_pages.h"
#include "engine/schema/split.h"

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

/* A condition already chooses rows. */
static bool is_divisible(const struct relation *relation)
{
    return relation->kind == 'r' && !relation->condition;
}

/* Only tables of the database itself. */
static const struct relation *divisible_relation(const struct toc *toc,
                                                 const struct toc_entry *entry,
                                                 const struct schema *schema)
{
    const struct relation *relation;

    if (entry->type != ENTRY_TABLE_DATA || is_of_extension(toc, entry))
        return NULL;
    relation = schema_find(schema, entry->oid);
    return relation && is_divisible(relation) ? relation : NULL;
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

struct knife {
    struct arena *arena;
    struct session *session;
    uint64_t piece_bytes;
    uint32_t block_bytes;
};

static struct knife take_knife(struct arena *arena, struct session *session,
                               const struct schema *schema, const struct dump_options *options)
{
    return (struct knife){
        .arena = arena,
        .session = session,
        .piece_bytes = options->split_bytes
                           ? options->split_bytes
                           : split_choose_bytes(total_bytes(schema), options->jobs),
        .block_bytes = schema->block_bytes,
    };
}

static bool decide(struct cut *cut, const struct knife *knife, const struct relation *relation,
                   struct error *error)
{
    unsigned pieces =
        split_count_pieces(relation->heap_bytes + relation->toast_bytes, knife->piece_bytes,
                           relation->heap_bytes / knife->block_bytes);

    if (pieces < 2)
        return true;
    if (!relation->is_heap || session_server_version(knife->session) < TID_RANGE_SCAN_SERVER)
        return cut_by_key(cut, knife->arena, knife->session, relation, pieces, error);
    cut->pieces = pieces;
    return true;
}

bool cuts_decide(struct cut *cuts, struct arena *arena, struct session *session,
                 const struct schema *schema, const struct dump_options *options,
                 struct error *error)
{
    const struct knife knife = take_knife(arena, session, schema, options);

    for (size_t i = 0; i < schema->count; i++) {
        cuts[i] = (struct cut){.pieces = 1};
        if (!options->no_split && is_divisible(&schema->relations[i]) &&
            !decide(&cuts[i], &knife, &schema->relations[i], error))
            return false;
    }
    return true;
}

bool cuts_decide_entries(struct cut *cuts, struct arena *arena, struct session *session,
                         const struct toc *toc, const struct schema *schema,
                         const struct dump_options *options, struct error *error)
{
    const struct knife knife = take_knife(arena, session, schema, options);

    for (size_t i = 0; !options->no_split && i < toc->count; i++) {
        const struct relation *relation = divisible_relation(toc, toc->entries[i], schema);

        if (relation && cuts[i].pieces == 0 && !decide(&cuts[i], &knife, relation, error))
            return false;
    }
    return true;
}
