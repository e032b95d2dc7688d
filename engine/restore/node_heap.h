/* The nodes of a schedule that wait for something, the one of highest priority first. */
#ifndef PGFAST_RESTORE_NODE_HEAP_H
#define PGFAST_RESTORE_NODE_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct node_heap {
    unsigned *nodes;
    size_t count, capacity;
};

/* All zero is an empty heap. */
void node_heap_clear(struct node_heap *heap);
void node_heap_push(struct node_heap *heap, const uint64_t *priorities, unsigned node);
unsigned node_heap_pop(struct node_heap *heap, const uint64_t *priorities); /* not empty */

#endif
