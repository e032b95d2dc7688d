#include "engine/flow/cancel.h"

#include "engine/base/queue.h"
#include "engine/flow/chunk_pool.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static bool is_readable(const struct cancel *cancel)
{
    struct pollfd poller = {.fd = cancel_descriptor(cancel), .events = POLLIN};

    return poll(&poller, 1, 0) == 1;
}

static int create_cancel(void **state)
{
    struct cancel *cancel;
    struct error error;

    if (!cancel_create(&cancel, &error))
        return -1;
    *state = cancel;
    return 0;
}

static int free_cancel(void **state)
{
    cancel_free(*state);
    return 0;
}

static void cancel_stays_set(void **state)
{
    struct cancel *cancel = *state;

    assert_false(cancel_is_set(cancel));
    assert_false(is_readable(cancel));
    for (int i = 0; i < 3; i++) {
        cancel_set(cancel);
        assert_true(cancel_is_set(cancel));
        assert_true(is_readable(cancel));
    }
}

static void cancel_closes_what_was_registered(void **state)
{
    struct cancel *cancel = *state;
    struct queue *queue = queue_create(1);
    struct chunk_pool *pool;
    struct error error;

    assert_true(chunk_pool_create(&pool, 1, 100, &error));
    cancel_closes_queue(cancel, queue);
    cancel_closes_pool(cancel, pool);
    assert_true(queue_push(queue, cancel));
    cancel_set(cancel);
    assert_false(queue_push(queue, cancel));
    assert_null(chunk_pool_take(pool));
    chunk_pool_free(pool);
    queue_free(queue);
}

static void cancel_closes_at_once_what_comes_late(void **state)
{
    struct cancel *cancel = *state;
    struct queue *queue = queue_create(1);
    struct chunk_pool *pool;
    struct error error;

    assert_true(chunk_pool_create(&pool, 1, 100, &error));
    cancel_set(cancel);
    cancel_closes_queue(cancel, queue);
    cancel_closes_pool(cancel, pool);
    assert_false(queue_push(queue, cancel));
    assert_null(chunk_pool_take(pool));
    chunk_pool_free(pool);
    queue_free(queue);
}

static void cancel_leaves_alone_what_it_forgot(void **state)
{
    struct cancel *cancel = *state;
    struct queue *queue = queue_create(1);

    cancel_closes_queue(cancel, queue);
    cancel_forget_all(cancel);
    cancel_set(cancel);
    assert_true(queue_push(queue, cancel));
    queue_free(queue);
}

struct waiter {
    struct queue *queue;
    struct chunk_pool *pool;
    int descriptor;
};

static void *wait_on_queue(void *context)
{
    struct waiter *waiter = context;
    void *item;

    while (queue_pop(waiter->queue, &item))
        ;
    return NULL;
}

static void *wait_on_pool(void *context)
{
    struct waiter *waiter = context;

    while (chunk_pool_take(waiter->pool) != NULL)
        ;
    return NULL;
}

static void *wait_on_descriptor(void *context)
{
    struct waiter *waiter = context;
    struct pollfd poller = {.fd = waiter->descriptor, .events = POLLIN};

    while (poll(&poller, 1, -1) != 1)
        ;
    return NULL;
}

static void *set(void *cancel)
{
    cancel_set(cancel);
    return NULL;
}

/* Whoever registers while another sets must not be left waiting. */
static void cancel_leaves_nobody_waiting(void **state)
{
    struct cancel *cancel = *state;
    struct waiter waiter = {.queue = queue_create(1), .descriptor = cancel_descriptor(cancel)};
    struct error error;
    pthread_t waiters[3], setters[2];

    assert_true(chunk_pool_create(&waiter.pool, 1, 100, &error));
    assert_int_equal(pthread_create(&waiters[0], NULL, wait_on_queue, &waiter), 0);
    assert_int_equal(pthread_create(&waiters[1], NULL, wait_on_pool, &waiter), 0);
    assert_int_equal(pthread_create(&waiters[2], NULL, wait_on_descriptor, &waiter), 0);
    cancel_closes_queue(cancel, waiter.queue);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&setters[i], NULL, set, cancel), 0);
    cancel_closes_pool(cancel, waiter.pool);
    for (unsigned i = 0; i < 2; i++)
        pthread_join(setters[i], NULL);
    for (unsigned i = 0; i < 3; i++)
        pthread_join(waiters[i], NULL);
    chunk_pool_free(waiter.pool);
    queue_free(waiter.queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cancel_stays_set, create_cancel, free_cancel),
        cmocka_unit_test_setup_teardown(cancel_closes_what_was_registered, create_cancel,
                                        free_cancel),
        cmocka_unit_test_setup_teardown(cancel_closes_at_once_what_comes_late, create_cancel,
                                        free_cancel),
        cmocka_unit_test_setup_teardown(cancel_leaves_alone_what_it_forgot, create_cancel,
                                        free_cancel),
        cmocka_unit_test_setup_teardown(cancel_leaves_nobody_waiting, create_cancel, free_cancel),
    };

    cancel_free(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
