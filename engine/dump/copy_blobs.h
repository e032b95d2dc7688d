/* What the two ways to read large objects have in common: a file for each. */
#ifndef PGFAST_DUMP_COPY_BLOBS_H
#define PGFAST_DUMP_COPY_BLOBS_H

#include "engine/dump/copy_table.h"

#include <stddef.h>
#include <stdint.h>

/* The first bytes of as many objects come in one answer, so a batch bounds the memory that libpq
 * takes. */
enum {
    COPY_BLOBS_A_QUERY = 100,
    COPY_BLOBS_FIRST_BYTES = 64 << 10,
    COPY_BLOBS_SLICE_BYTES = 4 << 20
};

/* Asks for the beginnings of at most COPY_BLOBS_A_QUERY objects, in their order. In the query $1 is
 * the array of them and $2 the limit for each. The caller frees the rows. */
bool copy_blobs_ask(const struct copy_place *place, const char *query, const uint32_t *oids,
                    size_t count, int limit, struct rows **rows, struct error *error) MUST_CHECK;

void copy_blob_begin(const struct copy_place *place, struct stream *stream, uint32_t oid);
/* Ends the object's file: as an archive has it, or, where is_copied is false, so that nobody waits
 * for more. False then, too. */
bool copy_blob_end(struct stream *stream, uint32_t oid, bool is_copied,
                   struct error *error) MUST_CHECK;

/* Some objects from the catalog that holds their pages, where the session may read it: a little
 * cheaper than lo_get, and all that a role needs who may read every table. *done counts on. */
bool copy_blob_pages(const struct copy_place *place, const uint32_t *oids, size_t count,
                     size_t *done, struct error *error) MUST_CHECK;

#endif
