/* The nodes of a schedule that wait for something, the largest first. */
#ifndef PGFAST_RESTORE_NODE_HEAP_H
#define PGFAST_RESTORE_NODE_HEAP_H

#include "engine/restore/schedule.h"

struct node_heap {
    unsigned *nodes;
    size_t count, capacity;
};

/* All zero is an empty heap. */
void node_heap_clear(struct node_heap *heap);
void node_heap_push(struct node_heap *heap, const struct schedule_node *nodes, unsigned node);
unsigned node_heap_pop(struct node_heap *heap, const struct schedule_node *nodes); /* not empty */

#endif
