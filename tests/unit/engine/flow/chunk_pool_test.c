#include "engine/flow/chunk_pool.h"

#include "engine/base/queue.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CHUNKS 4u
#define CHUNK_BYTES ((size_t)5000)

/* Sanitizers end a program that asks for too much, unless told to answer as malloc does. */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static int create_pool(void **state)
{
    struct chunk_pool *pool;
    struct error error;

    if (!chunk_pool_create(&pool, CHUNKS, CHUNK_BYTES, &error))
        return -1;
    *state = pool;
    return 0;
}

static int free_pool(void **state)
{
    chunk_pool_free(*state);
    return 0;
}

static void pool_gives_clean_chunks(void **state)
{
    struct chunk_pool *pool = *state;

    for (int i = 0; i < 20; i++) {
        struct chunk *chunk = chunk_pool_take(pool);
        assert_non_null(chunk);
        assert_int_equal((uintptr_t)chunk->data % (uintptr_t)sysconf(_SC_PAGESIZE), 0);
        assert_int_equal(chunk->capacity_bytes, CHUNK_BYTES);
        assert_int_equal(chunk->length_bytes, 0);
        assert_int_equal(chunk->raw_length_bytes, 0);
        assert_int_equal(chunk->rows, 0);
        assert_int_equal(chunk->sequence, 0);
        assert_int_equal(chunk->flags, 0);
        assert_null(chunk->stream);
        assert_ptr_equal(chunk->pool, pool);
        memset(chunk->data, 0xFF, CHUNK_BYTES);
        chunk->length_bytes = chunk->raw_length_bytes = CHUNK_BYTES;
        chunk->rows = chunk->sequence = 9;
        chunk->flags = CHUNK_LAST;
        chunk->stream = pool;
        chunk_give(chunk);
    }
}

static void pool_gives_every_chunk_once(void **state)
{
    struct chunk *chunks[CHUNKS];

    for (unsigned i = 0; i < CHUNKS; i++) {
        chunks[i] = chunk_pool_take(*state);
        for (unsigned k = 0; k < i; k++)
            assert_ptr_not_equal(chunks[i], chunks[k]);
    }
    for (unsigned i = 0; i < CHUNKS; i++)
        chunk_give(chunks[i]);
}

static void pool_gives_nothing_once_it_is_closed(void **state)
{
    struct chunk *chunk = chunk_pool_take(*state);

    chunk_pool_close(*state);
    assert_null(chunk_pool_take(*state));
    chunk_give(chunk);
    assert_null(chunk_pool_take(*state));
}

static void pool_that_is_empty_is_not_waited_for(void **state)
{
    struct chunk *chunks[CHUNKS];

    for (unsigned i = 0; i < CHUNKS; i++) {
        chunks[i] = chunk_pool_try_take(*state);
        assert_non_null(chunks[i]);
    }
    assert_null(chunk_pool_try_take(*state));
    chunk_give(chunks[0]);
    assert_ptr_equal(chunk_pool_try_take(*state), chunks[0]);
    for (unsigned i = 0; i < CHUNKS; i++)
        chunk_give(chunks[i]);
}

static void *take_one(void *pool)
{
    return chunk_pool_take(pool);
}

static void pool_take_waits_for_a_chunk_to_be_given(void **state)
{
    struct chunk *chunks[CHUNKS];
    pthread_t taker;
    void *taken;

    for (unsigned i = 0; i < CHUNKS; i++)
        chunks[i] = chunk_pool_take(*state);
    assert_int_equal(pthread_create(&taker, NULL, take_one, *state), 0);
    usleep(10000);
    chunk_give(chunks[2]);
    pthread_join(taker, &taken);
    assert_ptr_equal(taken, chunks[2]);
}

static void pool_close_wakes_all_takers(void **state)
{
    pthread_t takers[3];

    for (unsigned i = 0; i < CHUNKS; i++)
        assert_non_null(chunk_pool_take(*state));
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&takers[i], NULL, take_one, *state), 0);
    usleep(10000);
    chunk_pool_close(*state);
    for (unsigned i = 0; i < 3; i++) {
        void *taken;
        pthread_join(takers[i], &taken);
        assert_null(taken);
    }
}

static void pool_that_cannot_be_had_is_an_error(void **state)
{
    struct chunk_pool *pool = NULL;
    struct error error;

    (void)state;
    assert_false(chunk_pool_create(&pool, 3, SIZE_MAX / 4, &error));
    assert_int_equal(error.kind, ERROR_RESOURCE);
    assert_null(pool);
}

/* A small flow: takers fill chunks and queue them, givers check and give them back. */
struct flow {
    struct chunk_pool *pool;
    struct queue *queue;
};

static void *fill_chunks(void *context)
{
    struct flow *flow = context;

    for (unsigned i = 0; i < 5000; i++) {
        struct chunk *chunk = chunk_pool_take(flow->pool);
        memset(chunk->data, (int)(i & 0xFF), 64);
        chunk->sequence = i;
        if (!queue_push(flow->queue, chunk))
            return NULL;
    }
    return NULL;
}

static void *check_chunks(void *context)
{
    struct flow *flow = context;
    uintptr_t bad = 0;
    void *item;

    while (queue_pop(flow->queue, &item)) {
        struct chunk *chunk = item;
        for (unsigned i = 0; i < 64; i++)
            bad += chunk->data[i] != (chunk->sequence & 0xFF);
        chunk_give(chunk);
    }
    return (void *)bad; /* NOLINT(performance-no-int-to-ptr): a count, not a place */
}

static void pool_chunks_belong_to_one_thread_at_a_time(void **state)
{
    struct flow flow = {.pool = *state, .queue = queue_create(2)};
    pthread_t fillers[3], checkers[2];

    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&fillers[i], NULL, fill_chunks, &flow), 0);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&checkers[i], NULL, check_chunks, &flow), 0);
    for (unsigned i = 0; i < 3; i++)
        pthread_join(fillers[i], NULL);
    queue_close(flow.queue);
    for (unsigned i = 0; i < 2; i++) {
        void *bad;
        pthread_join(checkers[i], &bad);
        assert_null(bad);
    }
    queue_free(flow.queue);
}

#define WITH_POOL(test) cmocka_unit_test_setup_teardown(test, create_pool, free_pool)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_POOL(pool_gives_clean_chunks),
        WITH_POOL(pool_gives_every_chunk_once),
        WITH_POOL(pool_that_is_empty_is_not_waited_for),
        WITH_POOL(pool_gives_nothing_once_it_is_closed),
        WITH_POOL(pool_take_waits_for_a_chunk_to_be_given),
        WITH_POOL(pool_close_wakes_all_takers),
        WITH_POOL(pool_chunks_belong_to_one_thread_at_a_time),
        cmocka_unit_test(pool_that_cannot_be_had_is_an_error),
    };

    chunk_pool_free(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
