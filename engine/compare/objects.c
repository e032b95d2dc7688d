#include "engine/compare/objects.h"

#include "engine/base/hash128.h"
#include "engine/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* The list */

static int compare_oids(const void *one, const void *other)
{
    const struct compared_object *left = one, *right = other;

    return (left->oid > right->oid) - (left->oid < right->oid);
}

/* Of the same oid there may be several, one behind the other. */
static void join(struct compared_objects *objects)
{
    size_t kept = 0;

    for (size_t i = 0; i < objects->count; i++) {
        struct compared_object *next = &objects->items[i];
        struct compared_object *last = kept > 0 ? &objects->items[kept - 1] : NULL;

        if (last != NULL && last->oid == next->oid) {
            last->is_archived = last->is_archived || next->is_archived;
            last->is_live = last->is_live || next->is_live;
        } else {
            objects->items[kept++] = *next;
        }
    }
    objects->count = kept;
}

void compared_objects_make(struct compared_objects *objects, const uint32_t *archived,
                           size_t archived_count, const uint32_t *live, size_t live_count)
{
    objects->count = archived_count + live_count;
    objects->items = memory_allocate(objects->count + 1, sizeof objects->items[0]);
    for (size_t i = 0; i < archived_count; i++) {
        objects->items[i].oid = archived[i];
        objects->items[i].is_archived = true;
    }
    for (size_t i = 0; i < live_count; i++) {
        objects->items[archived_count + i].oid = live[i];
        objects->items[archived_count + i].is_live = true;
    }
    qsort(objects->items, objects->count, sizeof objects->items[0], compare_oids);
    join(objects);
}

void compared_objects_clear(struct compared_objects *objects)
{
    free(objects->items);
    *objects = (struct compared_objects){.items = NULL};
}

struct compared_object *compared_objects_find(const struct compared_objects *objects, uint32_t oid)
{
    struct compared_object wanted = {.oid = oid};

    if (objects->count == 0)
        return NULL;
    return bsearch(&wanted, objects->items, objects->count, sizeof wanted, compare_oids);
}

/* Contents */

static size_t without_zeros(const unsigned char *bytes, size_t length)
{
    while (length > 0 && bytes[length - 1] == 0)
        length--;
    return length;
}

/* An odd factor loses nothing of the hash, and tells one page from another with the same bytes. */
static void add_page(struct object_digest *digest, uint64_t page, struct span bytes)
{
    size_t length = without_zeros(bytes.data, bytes.length);

    if (length == 0)
        return;
    unsigned __int128 hash = hash128_of(bytes.data, length) * (2 * (unsigned __int128)page + 1);
    atomic_fetch_add_explicit(&digest->sums[0], (uint64_t)hash, memory_order_relaxed);
    atomic_fetch_add_explicit(&digest->sums[1], (uint64_t)(hash >> 64), memory_order_relaxed);
}

static void note_end(struct object_digest *digest, uint64_t end)
{
    uint64_t length = atomic_load_explicit(&digest->length, memory_order_relaxed);

    while (end > length &&
           !atomic_compare_exchange_weak_explicit(&digest->length, &length, end,
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
}

void object_digest_add(struct object_digest *digest, uint64_t offset, struct span bytes)
{
    uint64_t page = offset / LARGE_OBJECT_PAGE_BYTES;

    if (bytes.length > 0)
        note_end(digest, offset + bytes.length);
    while (bytes.length > 0) {
        size_t length =
            bytes.length < LARGE_OBJECT_PAGE_BYTES ? bytes.length : LARGE_OBJECT_PAGE_BYTES;

        add_page(digest, page++, (struct span){bytes.data, length});
        bytes.data += length;
        bytes.length -= length;
    }
}

bool object_digest_is_equal(const struct object_digest *one, const struct object_digest *other)
{
    return atomic_load(&one->length) == atomic_load(&other->length) &&
           atomic_load(&one->sums[0]) == atomic_load(&other->sums[0]) &&
           atomic_load(&one->sums[1]) == atomic_load(&other->sums[1]);
}
