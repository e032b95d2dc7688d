#include "engine/flow/reorder.h"

#include "engine/base/memory.h"

#include <assert.h>
#include <stdlib.h>

#define FIRST_CAPACITY ((size_t)8)

/* A ring with one slot per sequence number from `next` on: slot sequence % capacity. */
struct reorder {
    uint64_t next;
    size_t capacity;
    struct chunk **slots;
};

static void grow(struct reorder *reorder, uint64_t distance)
{
    size_t capacity = reorder->capacity;

    while (capacity <= distance)
        capacity *= 2;
    struct chunk **slots = memory_allocate(capacity, sizeof(struct chunk *));
    for (uint64_t i = reorder->next; i < reorder->next + reorder->capacity; i++)
        slots[i % capacity] = reorder->slots[i % reorder->capacity];
    free(reorder->slots);
    reorder->slots = slots;
    reorder->capacity = capacity;
}

struct reorder *reorder_create(void)
{
    struct reorder *reorder = memory_allocate(1, sizeof *reorder);

    reorder->capacity = FIRST_CAPACITY;
    reorder->slots = memory_allocate(FIRST_CAPACITY, sizeof(struct chunk *));
    return reorder;
}

void reorder_free(struct reorder *reorder)
{
    if (reorder == NULL)
        return;
    free(reorder->slots);
    free(reorder);
}

void reorder_put(struct reorder *reorder, struct chunk *chunk)
{
    /* A sequence number that comes twice would lose or repeat rows: better to end here. */
    assert(chunk->sequence >= reorder->next);
    uint64_t distance = chunk->sequence - reorder->next;

    if (distance >= reorder->capacity)
        grow(reorder, distance);
    struct chunk **slot = &reorder->slots[chunk->sequence % reorder->capacity];
    assert(*slot == NULL);
    *slot = chunk;
}

struct chunk *reorder_take_next(struct reorder *reorder)
{
    struct chunk **slot = &reorder->slots[reorder->next % reorder->capacity];
    struct chunk *chunk = *slot;

    if (chunk == NULL)
        return NULL;
    *slot = NULL;
    reorder->next++;
    return chunk;
}
