#include "engine/restore/node_heap.h"

#include "engine/base/memory.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

static bool goes_before(const uint64_t *priorities, unsigned left, unsigned right)
{
    if (priorities[left] != priorities[right])
        return priorities[left] > priorities[right];
    return left < right;
}

void node_heap_clear(struct node_heap *heap)
{
    free(heap->nodes);
    *heap = (struct node_heap){0};
}

void node_heap_push(struct node_heap *heap, const uint64_t *priorities, unsigned node)
{
    if (heap->count == heap->capacity) {
        heap->capacity = heap->capacity ? heap->capacity * 2 : 8;
        heap->nodes = memory_resize(heap->nodes, heap->capacity, sizeof(*heap->nodes));
    }
    size_t hole = heap->count++;
    while (hole > 0 && goes_before(priorities, node, heap->nodes[(hole - 1) / 2])) {
        heap->nodes[hole] = heap->nodes[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    heap->nodes[hole] = node;
}

unsigned node_heap_pop(struct node_heap *heap, const uint64_t *priorities)
{
    assert(heap->count > 0);
    unsigned top = heap->nodes[0];
    unsigned last = heap->nodes[--heap->count];
    size_t hole = 0;
    for (size_t child; (child = 2 * hole + 1) < heap->count; hole = child) {
        if (child + 1 < heap->count &&
            goes_before(priorities, heap->nodes[child + 1], heap->nodes[child]))
            child++;
        if (!goes_before(priorities, heap->nodes[child], last))
            break;
        heap->nodes[hole] = heap->nodes[child];
    }
    heap->nodes[hole] = last; /* of an empty heap: a place that exists and counts no more */
    return top;
}
