#include "engine/dump/toc_chunks.h"

#include "engine/archive/copy_statement.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "engine/dump/partition_tree.h"
#include "engine/sql/quote.h"

#include <stdlib.h>
#include <string.h>

/* The pieces of one table: the dump ids that its one entry has become. */
struct piece_range {
    int first_id; /* the entry's own */
    int extra_id; /* the first new one */
    unsigned extra_count;
};

struct chunker {
    const struct toc *source;
    struct toc *target;
    const unsigned *pieces;
    struct piece_range *by_data_id; /* indexed by the dump id of a TABLE DATA entry */
    int *data_id_of_table;          /* indexed by the dump id of a table; 0: it has no data */
    struct partition_tree *tree;
    int next_id;
    int previous_extension_data; /* dump id of the last data entry of an extension's table; 0: none
                                    yet */
};

/* ---- which ids ---- */

static void assign_ids(struct chunker *chunker)
{
    const struct toc *toc = chunker->source;

    for (size_t i = 0; i < toc->count; i++) {
        const struct toc_entry *entry = toc->entries[i];

        if (entry->type == ENTRY_TABLE_DATA && entry->dependency_count > 0 &&
            toc_find(toc, entry->dependencies[0]))
            chunker->data_id_of_table[entry->dependencies[0]] = entry->dump_id;
        if (chunker->pieces[i] < 2)
            continue;

        unsigned extra = chunker->pieces[i] - 1;

        chunker->by_data_id[entry->dump_id] =
            (struct piece_range){entry->dump_id, chunker->next_id, extra};
        chunker->next_id += (int)extra;
    }
}

static const struct piece_range *range_of_data(const struct chunker *chunker, int dump_id)
{
    if (dump_id <= 0 || dump_id > chunker->source->largest_dump_id ||
        chunker->by_data_id[dump_id].extra_count == 0)
        return NULL;
    return &chunker->by_data_id[dump_id];
}

/* The pieces that an entry which depends on dump_id must wait for: those of that data entry or,
 * after the data, of that table. */
static const struct piece_range *range_behind(const struct chunker *chunker,
                                              const struct toc_entry *entry, int dump_id)
{
    const struct piece_range *range = range_of_data(chunker, dump_id);

    if (range || entry->section != SECTION_POST_DATA || dump_id <= 0 ||
        dump_id > chunker->source->largest_dump_id)
        return range;
    return range_of_data(chunker, chunker->data_id_of_table[dump_id]);
}

/* ---- dependencies ---- */

struct id_list {
    int *ids;
    size_t count, room;
};

static void id_list_add(struct id_list *list, int id)
{
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 64;
        list->ids = memory_resize(list->ids, list->room, sizeof(*list->ids));
    }
    list->ids[list->count++] = id;
}

static void add_extra_pieces(struct id_list *list, const struct piece_range *range)
{
    for (unsigned piece = 0; range && piece < range->extra_count; piece++)
        id_list_add(list, range->extra_id + (int)piece);
}

/* Created on a partitioned table, these are there for the rows of its partitions as well; the stock
 * tools only wait for rows of the table itself, of which it has none. */
static bool reaches_partitions(const struct toc_entry *entry)
{
    return entry->type == ENTRY_TRIGGER || entry->type == ENTRY_FK_CONSTRAINT;
}

static void add_partitions(struct chunker *chunker, struct id_list *list, int table_id)
{
    size_t count;
    const int *below = partition_tree_below(chunker->tree, table_id, &count);

    for (size_t i = 0; i < count; i++) {
        int data_id = chunker->data_id_of_table[below[i]];

        if (data_id == 0)
            continue;
        id_list_add(list, data_id);
        add_extra_pieces(list, range_of_data(chunker, data_id));
    }
}

static void copy_dependencies(struct chunker *chunker, const struct toc_entry *entry,
                              struct toc_entry *copy)
{
    struct id_list list = {.ids = NULL};

    if (entry->dependency_count == 0)
        return;
    for (size_t i = 0; i < entry->dependency_count; i++)
        id_list_add(&list, entry->dependencies[i]);
    for (size_t i = 0; i < entry->dependency_count; i++) {
        const struct piece_range *range = range_behind(chunker, entry, entry->dependencies[i]);

        if (range && range->first_id != entry->dependencies[i])
            id_list_add(&list, range->first_id);
        add_extra_pieces(&list, range);
        if (reaches_partitions(entry))
            add_partitions(chunker, &list, entry->dependencies[i]);
    }

    int *ids = arena_allocate(chunker->target->arena, list.count + 1, sizeof(*ids));

    if (list.count > 0)
        memcpy(ids, list.ids, list.count * sizeof(*ids));
    free(list.ids);
    copy->dependencies = ids;
    copy->dependency_count = list.count;
}

/* An extension's own table is not an entry; nor are the foreign keys between such tables, which
 * exist before the data. */
static bool is_extension_data(const struct toc *toc, const struct toc_entry *entry)
{
    return entry->type == ENTRY_TABLE_DATA && entry->dependency_count > 0 &&
           !toc_find(toc, entry->dependencies[0]);
}

static void chain_extension_data(struct chunker *chunker, struct toc_entry *copy)
{
    int *ids = arena_allocate(chunker->target->arena, copy->dependency_count + 1, sizeof(*ids));

    if (chunker->previous_extension_data) {
        memcpy(ids, copy->dependencies, copy->dependency_count * sizeof(*ids));
        ids[copy->dependency_count] = chunker->previous_extension_data;
        copy->dependencies = ids;
        copy->dependency_count++;
    }
    chunker->previous_extension_data = copy->dump_id;
}

/* ---- entries ---- */

/* The relation that the piece is loaded into, as its copy statement names it, on one line
 * (CVE-2025-8715). */
static bool make_marker(struct chunker *chunker, const struct toc_entry *entry, const char **marker,
                        struct error *error)
{
    struct copy_statement parts;
    struct text text;

    if (!entry->copy_statement || !copy_statement_parse(entry->copy_statement, &parts, error))
        return error_set(error, ERROR_UNSUPPORTED,
                         "could not read the COPY statement of table \"%s\"", entry->tag);

    char *name =
        arena_copy_bytes(chunker->target->arena, parts.relation.data, parts.relation.length);

    text_init(&text, TEXT_MAXIMUM);
    text_append(&text, LOAD_VIA_ROOT_MARKER);
    quote_for_comment(&text, name);
    *marker = arena_copy_text(chunker->target->arena, text.data);
    text_clear(&text);
    return true;
}

static struct toc_entry *copy_entry(struct chunker *chunker, const struct toc_entry *entry)
{
    struct toc_entry *copy = toc_add_entry(chunker->target);

    *copy = *entry;
    return copy;
}

static bool copy_pieces(struct chunker *chunker, const struct toc_entry *entry, unsigned pieces,
                        struct error *error)
{
    const struct piece_range *range = range_of_data(chunker, entry->dump_id);
    const char *marker = NULL;

    if (!make_marker(chunker, entry, &marker, error))
        return false;
    for (unsigned piece = 0; piece < pieces; piece++) {
        struct toc_entry *copy = copy_entry(chunker, entry);

        copy_dependencies(chunker, entry, copy);
        copy->definition = marker;
        if (piece > 0) {
            copy->dump_id = range->extra_id + (int)piece - 1;
            copy->file_name = arena_print(chunker->target->arena, "%d.dat", copy->dump_id);
        }
    }
    return true;
}

static bool copy_all(struct chunker *chunker, struct error *error)
{
    const struct toc *toc = chunker->source;

    for (size_t i = 0; i < toc->count; i++) {
        const struct toc_entry *entry = toc->entries[i];

        if (chunker->pieces[i] >= 2) {
            if (!copy_pieces(chunker, entry, chunker->pieces[i], error))
                return false;
            continue;
        }

        /* There may be a million of them, and nothing about them changes. */
        if (entry->type == ENTRY_BLOB && entry->dependency_count == 0) {
            toc_share_entry(chunker->target, toc->entries[i]);
            continue;
        }

        struct toc_entry *copy = copy_entry(chunker, entry);

        copy_dependencies(chunker, entry, copy);
        if (is_extension_data(toc, entry))
            chain_extension_data(chunker, copy);
    }
    return true;
}

bool toc_chunks_make(struct toc **chunked, const struct toc *toc, const unsigned *pieces,
                     struct error *error)
{
    size_t ids = (size_t)toc->largest_dump_id + 1;
    struct chunker chunker = {
        .source = toc,
        .target = toc_create(),
        .pieces = pieces,
        .by_data_id = memory_allocate(ids, sizeof(struct piece_range)),
        .data_id_of_table = memory_allocate(ids, sizeof(int)),
        .tree = partition_tree_create(toc),
        .next_id = toc->largest_dump_id + 1,
    };

    chunker.target->header = toc->header;
    assign_ids(&chunker);

    bool is_made = copy_all(&chunker, error) && toc_seal(chunker.target, error);

    free(chunker.by_data_id);
    free(chunker.data_id_of_table);
    partition_tree_free(chunker.tree);
    if (!is_made) {
        toc_free(chunker.target);
        return false;
    }
    *chunked = chunker.target;
    return true;
}
