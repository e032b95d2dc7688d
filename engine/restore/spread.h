/* Which definitions need not wait for each other, so that several sessions can make them at the
 * same time: tables and what belongs to them, as their dependencies in the archive tell. Pure. */
#ifndef PGFAST_RESTORE_SPREAD_H
#define PGFAST_RESTORE_SPREAD_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"

struct spread {
    const struct toc_entry **entries; /* all that were given, bundle by bundle */
    size_t *ends;                     /* of each bundle, in `entries` */
    size_t count;                     /* bundles; none needs an entry of another */
};

/* How many entries, from the first, are of kinds that can be spread; what stands before them is
 * taken as done. */
size_t spread_length(const struct toc_entry *const *entries, size_t count);

/* Bundles of about `size` entries, larger where more hang together; within a bundle the order is
 * that of the entries. Lives in the arena. */
void spread_make(struct spread *spread, struct arena *arena, const struct toc *toc,
                 const struct toc_entry *const *entries, size_t count, size_t size);

#endif
