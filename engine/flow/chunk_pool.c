#include "engine/flow/chunk_pool.h"

#include "engine/base/fault.h"
#include "engine/base/memory.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct chunk_pool {
    pthread_mutex_t mutex;
    pthread_cond_t has_free;
    struct chunk *chunks; /* all of them, wherever they lie */
    unsigned count;
    struct chunk **free_chunks; /* a stack: the chunk given last is the one still in the caches */
    unsigned free_count;
    bool is_closed;
};

static size_t round_up_to_page(size_t bytes)
{
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);

    return (bytes + page_bytes - 1) / page_bytes * page_bytes;
}

/* Each chunk is an allocation of its own, so that a sanitizer sees a write past its end. */
static bool make_chunks(struct chunk_pool *pool, unsigned count, size_t chunk_bytes,
                        struct error *error)
{
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    size_t room_bytes = round_up_to_page(chunk_bytes);

    for (unsigned i = 0; i < count; i++) {
        struct chunk *chunk = &pool->chunks[i];
        chunk->data = FAULT_OR("memory.chunk", NULL, aligned_alloc(page_bytes, room_bytes));
        if (chunk->data == NULL) {
            error_set_os(error, ENOMEM, "could not allocate buffer %u of %u with %zu bytes", i + 1,
                         count, room_bytes);
            error_hint(error, "Fewer jobs need fewer buffers.");
            return false;
        }
        chunk->capacity_bytes = chunk_bytes;
        chunk->pool = pool;
        pool->free_chunks[pool->free_count++] = chunk;
    }
    return true;
}

bool chunk_pool_create(struct chunk_pool **pool, unsigned count, size_t chunk_bytes,
                       struct error *error)
{
    assert(count > 0 && chunk_bytes > 0);

    struct chunk_pool *made = memory_allocate(1, sizeof *made);
    made->chunks = memory_allocate(count, sizeof *made->chunks);
    made->free_chunks = memory_allocate(count, sizeof(struct chunk *));
    made->count = count;
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->has_free, NULL);
    if (!make_chunks(made, count, chunk_bytes, error)) {
        chunk_pool_free(made);
        return false;
    }
    *pool = made;
    return true;
}

void chunk_pool_free(struct chunk_pool *pool)
{
    if (pool == NULL)
        return;
    for (unsigned i = 0; i < pool->count; i++)
        free(pool->chunks[i].data);
    pthread_cond_destroy(&pool->has_free);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->free_chunks);
    free(pool->chunks);
    free(pool);
}

static struct chunk *take(struct chunk_pool *pool, bool is_waiting)
{
    struct chunk *chunk = NULL;

    pthread_mutex_lock(&pool->mutex);
    while (is_waiting && pool->free_count == 0 && !pool->is_closed)
        pthread_cond_wait(&pool->has_free, &pool->mutex);
    /* Closed is closed, even with chunks left: who is cancelled must not start on another one. */
    if (!pool->is_closed && pool->free_count > 0)
        chunk = pool->free_chunks[--pool->free_count];
    pthread_mutex_unlock(&pool->mutex);

    if (chunk != NULL)
        *chunk = (struct chunk){
            .data = chunk->data, .capacity_bytes = chunk->capacity_bytes, .pool = pool};
    return chunk;
}

struct chunk *chunk_pool_take(struct chunk_pool *pool)
{
    return take(pool, true);
}

struct chunk *chunk_pool_try_take(struct chunk_pool *pool)
{
    return take(pool, false);
}

void chunk_give(struct chunk *chunk)
{
    struct chunk_pool *pool = chunk->pool;

    pthread_mutex_lock(&pool->mutex);
    assert(pool->free_count < pool->count);
    pool->free_chunks[pool->free_count++] = chunk;
    pthread_cond_signal(&pool->has_free);
    pthread_mutex_unlock(&pool->mutex);
}

void chunk_pool_list_buffers(const struct chunk_pool *pool, struct iovec *buffers)
{
    for (unsigned i = 0; i < pool->count; i++)
        buffers[i] = (struct iovec){pool->chunks[i].data, pool->chunks[i].capacity_bytes};
}

void chunk_pool_close(struct chunk_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pool->is_closed = true;
    pthread_cond_broadcast(&pool->has_free);
    pthread_mutex_unlock(&pool->mutex);
}
