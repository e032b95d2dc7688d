#include "engine/restore/spread.h"

#include "engine/base/memory.h"

#include <stdlib.h>

/* Places among the entries. Each points to one that it hangs together with, up to the first of all
 * of them, which points to itself. */
struct places {
    size_t *of_id; /* place + 1, by dump id; 0: not among them */
    size_t *leader;
};

/* What functions and views need is not always known from their dependencies: their bodies are text.
 */
static bool can_be_spread(const struct toc_entry *entry)
{
    switch (entry->type) {
    case ENTRY_TABLE:
    case ENTRY_TABLE_ATTACH:
    case ENTRY_SEQUENCE:
    case ENTRY_SEQUENCE_OWNED_BY:
    case ENTRY_DEFAULT:
    case ENTRY_COMMENT:
        return true;
    default:
        return false;
    }
}

size_t spread_length(const struct toc_entry *const *entries, size_t count)
{
    size_t length = 0;

    while (length < count && can_be_spread(entries[length]))
        length++;
    return length;
}

static size_t leader_of(const struct places *places, size_t place)
{
    while (places->leader[place] != place) {
        places->leader[place] = places->leader[places->leader[place]];
        place = places->leader[place];
    }
    return place;
}

static void join(const struct places *places, size_t one, size_t other)
{
    size_t first = leader_of(places, one), second = leader_of(places, other);

    if (first < second)
        places->leader[second] = first;
    else
        places->leader[first] = second;
}

static void join_dependencies(const struct places *places, const struct toc *toc,
                              const struct toc_entry *const *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t d = 0; d < entries[i]->dependency_count; d++) {
            int id = entries[i]->dependencies[d];

            if (id > 0 && id <= toc->largest_dump_id && places->of_id[id] > 0)
                join(places, i, places->of_id[id] - 1);
        }
    }
}

static void places_init(struct places *places, const struct toc *toc,
                        const struct toc_entry *const *entries, size_t count)
{
    places->of_id = memory_allocate((size_t)toc->largest_dump_id + 1, sizeof places->of_id[0]);
    places->leader = memory_allocate(count + 1, sizeof places->leader[0]);
    for (size_t i = 0; i < count; i++) {
        places->of_id[entries[i]->dump_id] = i + 1;
        places->leader[i] = i;
    }
}

/* Goes by leaders in their order: to each of them a bundle, until it is full a bundle for several.
 */
static size_t *number_bundles(const struct places *places, size_t count, size_t size,
                              size_t *bundle_count)
{
    size_t *sizes = memory_allocate(count + 1, sizeof sizes[0]);
    size_t *bundle = memory_allocate(count + 1, sizeof bundle[0]);
    size_t filled = 0;

    *bundle_count = 0;
    for (size_t i = 0; i < count; i++)
        sizes[leader_of(places, i)]++;
    for (size_t i = 0; i < count; i++) {
        size_t leader = leader_of(places, i);

        if (leader != i) {
            bundle[i] = bundle[leader];
            continue;
        }
        if (*bundle_count == 0 || filled + sizes[i] > size) {
            (*bundle_count)++;
            filled = 0;
        }
        filled += sizes[i];
        bundle[i] = *bundle_count - 1;
    }
    free(sizes);
    return bundle;
}

static void sort_by_bundle(struct spread *spread, const struct toc_entry *const *entries,
                           size_t count, const size_t *bundle)
{
    for (size_t i = 0; i < count; i++)
        spread->ends[bundle[i]]++;
    for (size_t i = 1; i < spread->count; i++)
        spread->ends[i] += spread->ends[i - 1];
    /* From behind, each end moves to its bundle's beginning, which is the end of the one before. */
    for (size_t i = count; i-- > 0;)
        spread->entries[--spread->ends[bundle[i]]] = entries[i];
    for (size_t i = 0; i + 1 < spread->count; i++)
        spread->ends[i] = spread->ends[i + 1];
    if (spread->count > 0)
        spread->ends[spread->count - 1] = count;
}

void spread_make(struct spread *spread, struct arena *arena, const struct toc *toc,
                 const struct toc_entry *const *entries, size_t count, size_t size)
{
    struct places places;

    places_init(&places, toc, entries, count);
    join_dependencies(&places, toc, entries, count);
    size_t *bundle = number_bundles(&places, count, size, &spread->count);
    spread->entries = arena_allocate(arena, count + 1, sizeof(struct toc_entry *));
    spread->ends = arena_allocate(arena, spread->count + 1, sizeof spread->ends[0]);
    sort_by_bundle(spread, entries, count, bundle);
    free(bundle);
    free(places.leader);
    free(places.of_id);
}
