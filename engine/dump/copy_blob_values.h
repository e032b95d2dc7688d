/* Large objects by lo_get: many small ones in one answer, a large one slice by slice. */
#ifndef PGFAST_DUMP_COPY_BLOB_VALUES_H
#define PGFAST_DUMP_COPY_BLOB_VALUES_H

#include "engine/dump/copy_place.h"

#include <stddef.h>
#include <stdint.h>

/* At most COPY_BLOBS_A_QUERY of them. *done counts on. */
bool copy_blob_values(const struct copy_place *place, const uint32_t *oids, size_t count,
                      size_t *done, struct error *error) MUST_CHECK;

#endif
