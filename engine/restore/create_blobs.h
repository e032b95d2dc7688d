/* The large objects of archives up to 1.15, each an entry of its own: created many at a time,
 * because there may be millions. */
#ifndef PGFAST_RESTORE_CREATE_BLOBS_H
#define PGFAST_RESTORE_CREATE_BLOBS_H

#include "engine/restore/plan.h"
#include "engine/restore/target.h"

/* How many of the serial definitions from `first` on are large objects that go together; 0 or 1:
 * none do. */
size_t create_blobs_count(const struct plan *plan, size_t first);

/* All of them, or none: then (false) they are for execute_definition, one by one, which says what
 * is wrong with which. */
bool create_blobs(struct target *target, const struct plan *plan, size_t first, size_t count);

#endif
