#include "engine/flow/row_turn.h"

#include "engine/base/memory.h"
#include "engine/base/queue.h"

#include <stdatomic.h>
#include <stdlib.h>

struct row_turn {
    struct queue *free; /* holds the turn itself while nobody has it */
    size_t own_bytes;
    atomic_bool was_awaited;
};

struct row_turn *row_turn_create(size_t own_bytes, struct cancel *cancel)
{
    struct row_turn *made = memory_allocate(1, sizeof(*made));

    made->free = queue_create(1);
    made->own_bytes = own_bytes;
    row_turn_give_back(made);
    cancel_closes_queue(cancel, made->free);
    return made;
}

void row_turn_free(struct row_turn *turn)
{
    if (!turn)
        return;
    queue_free(turn->free);
    free(turn);
}

size_t row_turn_own_bytes(const struct row_turn *turn)
{
    return turn->own_bytes;
}

bool row_turn_take(struct row_turn *turn)
{
    void *taken;

    if (queue_try_pop(turn->free, &taken))
        return true;
    atomic_store(&turn->was_awaited, true);
    return queue_pop(turn->free, &taken);
}

/* A closed queue takes nothing back: nobody wants it any more. */
void row_turn_give_back(struct row_turn *turn)
{
    (void)!queue_try_push(turn->free, turn);
}

bool row_turn_was_awaited(const struct row_turn *turn)
{
    return atomic_load(&turn->was_awaited);
}
