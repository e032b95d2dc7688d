/* Puts the chunks of one stream back into order of sequence. Belongs to one consumer thread: no
 * lock. */
#ifndef PGFAST_FLOW_REORDER_H
#define PGFAST_FLOW_REORDER_H

#include "engine/flow/chunk.h"

#include <stdbool.h>

struct reorder;

struct reorder *reorder_create(void);
void reorder_free(struct reorder *reorder); /* accepts NULL; chunks inside are not given back */
void reorder_put(struct reorder *reorder,
                 struct chunk *chunk); /* takes it; grows as needed (bounded by the pool) */
struct chunk *
reorder_take_next(struct reorder *reorder); /* NULL while the next in sequence is missing */

#endif
