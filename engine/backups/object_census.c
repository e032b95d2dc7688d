#include "engine/backups/object_census.h"

#include "engine/archive/blob_list.h"
#include "engine/base/memory.h"

#include <inttypes.h>
#include <stdlib.h>

void oid_set_add(struct oid_set *set, uint32_t oid)
{
    if (set->count == set->capacity) {
        set->capacity = set->capacity == 0 ? 64 : 2 * set->capacity;
        set->oids = memory_resize(set->oids, set->capacity, sizeof set->oids[0]);
    }
    set->oids[set->count++] = oid;
}

void oid_set_clear(struct oid_set *set)
{
    free(set->oids);
    *set = (struct oid_set){.oids = NULL};
}

static bool add_group(struct oid_set *set, const struct toc_entry *entry, struct error *error)
{
    uint32_t *oids;
    size_t count;

    if (!blob_list_parse_oids(entry->definition, &oids, &count, error))
        return false;
    for (size_t i = 0; i < count; i++)
        oid_set_add(set, oids[i]);
    free(oids);
    return true;
}

bool object_census_of_entries(struct oid_set *set, const struct toc *toc, struct error *error)
{
    for (size_t i = 0; i < toc->count; i++) {
        const struct toc_entry *entry = toc->entries[i];

        if (entry->type == ENTRY_BLOB)
            oid_set_add(set, entry->oid);
        if (entry->type == ENTRY_BLOB_METADATA && !add_group(set, entry, error))
            return false;
    }
    return true;
}

static int compare_oids(const void *one, const void *other)
{
    uint32_t left = *(const uint32_t *)one, right = *(const uint32_t *)other;

    return (left > right) - (left < right);
}

static void sort(struct oid_set *set)
{
    if (set->count > 1)
        qsort(set->oids, set->count, sizeof set->oids[0], compare_oids);
}

/* Of two sorted sets: how many of one the other lacks, and the first of these. */
static size_t count_lacking(const struct oid_set *one, const struct oid_set *other, uint32_t *first)
{
    size_t lacking = 0;

    for (size_t i = 0, at = 0; i < one->count; i++) {
        while (at < other->count && other->oids[at] < one->oids[i])
            at++;
        if (at < other->count && other->oids[at] == one->oids[i])
            continue;
        if (lacking++ == 0)
            *first = one->oids[i];
    }
    return lacking;
}

bool object_census_compare(struct oid_set *of_entries, struct oid_set *of_lists,
                           struct error *error)
{
    uint32_t first = 0;

    sort(of_entries);
    sort(of_lists);
    size_t lacking = count_lacking(of_entries, of_lists, &first);
    if (lacking > 0)
        return error_set(error, ERROR_DAMAGED,
                         "%zu of them have an entry but no data, the first is %" PRIu32, lacking,
                         first);
    lacking = count_lacking(of_lists, of_entries, &first);
    if (lacking > 0)
        return error_set(error, ERROR_DAMAGED,
                         "%zu of them have data but no entry, the first is %" PRIu32, lacking,
                         first);
    return true;
}
