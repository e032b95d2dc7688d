/* Large objects are told of twice: by entries (BLOB, BLOB METADATA) and by the lists of their
 * files. Both must tell of the same ones, unless the archive was made without one of the two. */
#ifndef PGFAST_BACKUPS_OBJECT_CENSUS_H
#define PGFAST_BACKUPS_OBJECT_CENSUS_H

#include "engine/archive/toc.h"
#include "engine/base/error.h"

#include <stddef.h>
#include <stdint.h>

struct oid_set { /* grows unsorted, with repetitions */
    uint32_t *oids;
    size_t count;
    size_t capacity;
};

void oid_set_add(struct oid_set *set, uint32_t oid);
void oid_set_clear(struct oid_set *set);

/* All that the entries tell of. ERROR_DAMAGED: one of them is not to be understood. */
bool object_census_of_entries(struct oid_set *set, const struct toc *toc,
                              struct error *error) MUST_CHECK;

/* Sorts both. ERROR_DAMAGED tells how many are missing on which side, and names the first. */
bool object_census_compare(struct oid_set *of_entries, struct oid_set *of_lists,
                           struct error *error) MUST_CHECK;

#endif
