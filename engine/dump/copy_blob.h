/* What the two ways to read large objects have in common: a batch of them is asked for, and each
 * becomes a file. */
#ifndef PGFAST_DUMP_COPY_BLOB_H
#define PGFAST_DUMP_COPY_BLOB_H

#include "engine/dump/copy_place.h"

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
bool copy_blob_ask(const struct copy_place *place, const char *query, const uint32_t *oids,
                   size_t count, int limit, struct rows **rows, struct error *error) MUST_CHECK;

void copy_blob_begin(const struct copy_place *place, struct stream *stream, uint32_t oid);
/* Ends the object's file: as an archive has it, or, where is_copied is false, so that nobody waits
 * for more. False then, too. */
bool copy_blob_end(struct stream *stream, uint32_t oid, bool is_copied,
                   struct error *error) MUST_CHECK;

#endif
