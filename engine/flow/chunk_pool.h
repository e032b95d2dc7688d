/* A fixed number of equal chunks: the memory of a run, and its back-pressure. Taking blocks, giving
 * never does. The pool frees every chunk it ever made, wherever it lies, so a cancelled run needs
 * no draining. */
#ifndef PGFAST_FLOW_CHUNK_POOL_H
#define PGFAST_FLOW_CHUNK_POOL_H

#include "engine/base/error.h"
#include "engine/flow/chunk.h"

#include <sys/uio.h>

struct chunk_pool;

/* Chunk data is page-aligned. ERROR_RESOURCE when the memory is not to be had. */
bool chunk_pool_create(struct chunk_pool **pool, unsigned count, size_t chunk_bytes,
                       struct error *error) MUST_CHECK;
void chunk_pool_free(struct chunk_pool *pool); /* after the crews are joined; accepts NULL */

/* A clean chunk (lengths, rows, flags, stream zero); NULL once the pool is closed. */
struct chunk *chunk_pool_take(struct chunk_pool *pool) MUST_CHECK;
struct chunk *
chunk_pool_try_take(struct chunk_pool *pool) MUST_CHECK; /* NULL also while none is free */
void chunk_give(struct chunk *chunk);                    /* back to the pool it came from */
/* Where the memory of its chunks is: as many buffers as it has chunks. */
void chunk_pool_list_buffers(const struct chunk_pool *pool, struct iovec *buffers);
void chunk_pool_close(struct chunk_pool *pool);

#endif
