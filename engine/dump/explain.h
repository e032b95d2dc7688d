/* What a dump that has failed can add to its error for those who read it in the morning. Pure. */
#ifndef PGFAST_DUMP_EXPLAIN_H
#define PGFAST_DUMP_EXPLAIN_H

#include "engine/base/error.h"
#include "engine/flow/counters.h"
#include "engine/server/connection.h"

/* The kind and the way out of what no second attempt mends (retry.h); of other failures of the
 * server which one it was, and how far the dump had come. The connection is the pinned one. */
void explain_failure(struct error *error, const struct connection *connection,
                     const struct counters *counters);

/* How much more the archive may take, by how well the rows so far could be compressed. 0: nothing
 * is known. */
uint64_t explain_needed_bytes(const struct counters *counters);

#endif
