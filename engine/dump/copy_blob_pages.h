/* Large objects from the catalog that holds their pages, where the session may read it: a little
 * cheaper than lo_get, and all that a role needs who may read every table. */
#ifndef PGFAST_DUMP_COPY_BLOB_PAGES_H
#define PGFAST_DUMP_COPY_BLOB_PAGES_H

#include "engine/dump/copy_place.h"

#include <stddef.h>
#include <stdint.h>

/* At most COPY_BLOBS_A_QUERY of them. *done counts on. */
bool copy_blob_pages(const struct copy_place *place, const uint32_t *oids, size_t count,
                     size_t *done, struct error *error) MUST_CHECK;

#endif
