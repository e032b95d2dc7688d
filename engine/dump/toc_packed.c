#include "engine/dump/toc_packed.h"

#include "engine/archive/large_object_pages.h"
#include "engine/base/arena.h"

/* In groups they are created among the data, otherwise before all of it. */
static void depend_on_groups(const struct toc *toc, struct toc_entry *entry)
{
    if (toc->header.version_minor < TOC_VERSION_GROUPED_BLOBS)
        return;

    int *ids = arena_allocate(toc->arena, toc->count, sizeof(*ids));

    entry->dependency_count = 0;
    for (size_t i = 0; i < toc->count; i++)
        if (toc->entries[i]->type == ENTRY_BLOB_METADATA)
            ids[entry->dependency_count++] = toc->entries[i]->dump_id;
    entry->dependencies = ids;
}

/* Another entry, because that of the files may be another toc's as well. */
static struct toc_entry *make_pages(const struct toc *toc, int dump_id)
{
    struct toc_entry *entry = arena_allocate(toc->arena, 1, sizeof(*entry));

    *entry = (struct toc_entry){
        .dump_id = dump_id,
        .has_data = true,
        .oid = LARGE_OBJECT_PAGES_TABLE_OID,
        .type = ENTRY_TABLE_DATA,
        .section = SECTION_DATA,
        .tag = LARGE_OBJECT_PAGES_TABLE,
        .desc = entry_type_facts(ENTRY_TABLE_DATA)->desc,
        .copy_statement = LARGE_OBJECT_PAGES_COPY,
        .schema = LARGE_OBJECT_PAGES_SCHEMA,
        .file_name = arena_print(toc->arena, "%d.dat", dump_id),
    };
    depend_on_groups(toc, entry);
    return entry;
}

static const struct toc_entry *find_last(const struct toc *toc)
{
    for (size_t i = toc->count; i-- > 0;)
        if (toc->entries[i]->type == ENTRY_BLOBS)
            return toc->entries[i];
    return NULL;
}

static void put_in_place_of_all(struct toc *toc, const struct toc_entry *last,
                                struct toc_entry *pages)
{
    size_t count = 0;

    for (size_t i = 0; i < toc->count; i++) {
        struct toc_entry *entry = toc->entries[i];

        if (entry->type != ENTRY_BLOBS)
            toc->entries[count++] = entry;
        else if (entry == last)
            toc->entries[count++] = pages;
        else
            toc->by_dump_id[entry->dump_id] = NULL;
    }
    toc->by_dump_id[pages->dump_id] = pages;
    toc->count = count;
}

bool toc_packed_make(struct toc *toc)
{
    const struct toc_entry *last = find_last(toc);

    if (last == NULL)
        return false;
    put_in_place_of_all(toc, last, make_pages(toc, last->dump_id));
    return true;
}
