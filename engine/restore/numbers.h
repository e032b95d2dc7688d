/* A growing list of numbers: nodes, tables, locks. */
#ifndef PGFAST_RESTORE_NUMBERS_H
#define PGFAST_RESTORE_NUMBERS_H

#include "engine/base/memory.h"

#include <stddef.h>

/* Where a number may be missing it is kept plus one: memory that begins as zeros says "none". */
enum { NO_NUMBER = 0 };

struct numbers {
    unsigned *items; /* free() releases */
    size_t count, capacity;
};

static inline void numbers_add(struct numbers *numbers, size_t number)
{
    if (numbers->count == numbers->capacity) {
        numbers->capacity = numbers->capacity ? 2 * numbers->capacity : 16;
        numbers->items = memory_resize(numbers->items, numbers->capacity, sizeof numbers->items[0]);
    }
    numbers->items[numbers->count++] = (unsigned)number;
}

#endif
