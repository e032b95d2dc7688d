#include "engine/archive/toc.h"

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/memory.h"

#include <assert.h>
#include <stdlib.h>

/* The index by dump id, here and in the stock tools, is as long as the largest id. pg_dump leaves
 * gaps (ids of objects that were not selected), so ids may exceed the count by far; but an id that
 * no real database could bring about would only cost memory. */
enum { DUMP_ID_SLACK = 1 << 24, DUMP_IDS_PER_ENTRY = 16 };

struct toc *toc_create(void)
{
    struct toc *toc = memory_allocate(1, sizeof(*toc));
    toc->arena = arena_create();
    return toc;
}

void toc_free(struct toc *toc)
{
    if (!toc)
        return;
    free(toc->by_dump_id);
    free(toc->entries);
    arena_free(toc->arena);
    free(toc);
}

void toc_share_entry(struct toc *toc, struct toc_entry *entry)
{
    assert(!toc->by_dump_id);
    if (toc->count == toc->capacity) {
        toc->capacity = toc->capacity ? 2 * toc->capacity : 64;
        toc->entries = memory_resize(toc->entries, toc->capacity, sizeof(struct toc_entry *));
    }
    toc->entries[toc->count++] = entry;
}

struct toc_entry *toc_add_entry(struct toc *toc)
{
    struct toc_entry *entry = arena_allocate(toc->arena, 1, sizeof(*entry));
    toc_share_entry(toc, entry);
    return entry;
}

static bool find_largest_dump_id(struct toc *toc, struct error *error)
{
    size_t limit = DUMP_ID_SLACK + DUMP_IDS_PER_ENTRY * toc->count;
    for (size_t i = 0; i < toc->count; i++) {
        int dump_id = toc->entries[i]->dump_id;
        if (dump_id <= 0 || (size_t)dump_id > limit)
            return error_set(
                error, ERROR_DAMAGED,
                "table of contents is damaged: entry %zu has the dump id %d, which is out of range",
                i + 1, dump_id);
        if (dump_id > toc->largest_dump_id)
            toc->largest_dump_id = dump_id;
    }
    return true;
}

bool toc_seal(struct toc *toc, struct error *error)
{
    assert(!toc->by_dump_id);
    if (!find_largest_dump_id(toc, error))
        return false;
    toc->by_dump_id = memory_allocate((size_t)toc->largest_dump_id + 1, sizeof(struct toc_entry *));
    for (size_t i = 0; i < toc->count; i++) {
        struct toc_entry *entry = toc->entries[i];
        if (toc->by_dump_id[entry->dump_id])
            return error_set(error, ERROR_DAMAGED,
                             "table of contents is damaged: the dump id %d is used twice",
                             entry->dump_id);
        toc->by_dump_id[entry->dump_id] = entry;
    }
    return true;
}

const struct toc_entry *toc_find(const struct toc *toc, int dump_id)
{
    if (dump_id <= 0 || dump_id > toc->largest_dump_id)
        return NULL;
    return toc->by_dump_id[dump_id];
}
