/* How many entries a session restores in one transaction. Pure; a value that its session keeps. The
 * server's table of locks bounds it, and it adapts: a batch that fails has been work for nothing,
 * so where objects fail in rows batches become small, and grow again with each that succeeds. */
#ifndef PGFAST_RESTORE_BATCH_SIZE_H
#define PGFAST_RESTORE_BATCH_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch_size {
    size_t most, now;
};

/* `lock_slots` is what the server has for all its sessions, of which `sessions` are ours. */
struct batch_size batch_size_for(uint64_t lock_slots, unsigned sessions);

void batch_size_learn(struct batch_size *size, bool has_succeeded);

#endif
