#include "engine/restore/batch_size.h"

/* A table is locked with its TOAST table and that one's index, an identity column's sequence and
 * what a foreign key or a partition refers to. Half of the server's locks are left to others. */
enum { LOCKS_PER_ENTRY = 6, MOST_ENTRIES = 200, GROWTH = 2 };

struct batch_size batch_size_for(uint64_t lock_slots, unsigned sessions)
{
    uint64_t entries = lock_slots / 2 / (sessions > 0 ? sessions : 1) / LOCKS_PER_ENTRY;
    size_t most = entries > MOST_ENTRIES ? MOST_ENTRIES : entries > 0 ? (size_t)entries : 1;

    return (struct batch_size){.most = most, .now = most};
}

void batch_size_learn(struct batch_size *size, bool has_succeeded)
{
    size_t wanted = has_succeeded ? size->now * GROWTH : size->now / GROWTH;

    size->now = wanted > size->most ? size->most : wanted > 0 ? wanted : 1;
}
