/* Reads a batch of locked tables in one round trip. */
#ifndef PGFAST_DUMP_COPY_BATCH_H
#define PGFAST_DUMP_COPY_BATCH_H

#include "engine/dump/batches.h"
#include "engine/dump/copy_place.h"

/* A transaction on the exported snapshot that locks the batch's tables, copies them, and ends. No
 * lock is waited for. Where it ends before the first row (*is_begun false: a lock is not to be had,
 * or something is wrong with one of the tables), the same batch may be tried again in parts. *done:
 * how many of its tables have been read to their end, whatever happened then. After a failure the
 * session is outside of a transaction, if it is still usable. */
bool copy_batch(const struct copy_place *place, const struct copy_batch *batch,
                const char *snapshot, bool *is_begun, size_t *done, struct error *error) MUST_CHECK;

/* Ends a transaction that has failed. */
void copy_batch_leave(struct session *session);

#endif
