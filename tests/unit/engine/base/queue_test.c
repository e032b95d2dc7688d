#include "engine/base/queue.h"

#include "engine/base/clock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define SENDERS 4
#define RECEIVERS 3
#define ITEMS_PER_SENDER 20000

static void *item_of(uintptr_t number)
{
    return (void *)number; /* NOLINT(performance-no-int-to-ptr): the queue never looks behind it */
}

static void queue_gives_items_in_the_order_they_came(void **state)
{
    struct queue *queue = queue_create(3);
    void *item;

    (void)state;
    for (uintptr_t round = 0; round < 5; round++) {
        for (uintptr_t i = 1; i <= 3; i++)
            assert_true(queue_push(queue, item_of(round * 3 + i)));
        for (uintptr_t i = 1; i <= 3; i++) {
            assert_true(queue_pop(queue, &item));
            assert_ptr_equal(item, item_of(round * 3 + i));
        }
    }
    queue_free(queue);
}

static void queue_try_push_returns_false_when_full_or_closed(void **state)
{
    (void)state;
    struct queue *queue = queue_create(1);
    void *item;
    int one, other;

    assert_true(queue_try_push(queue, &one));
    assert_false(queue_try_push(queue, &other));
    assert_true(queue_try_pop(queue, &item));
    assert_ptr_equal(item, &one);
    queue_close(queue);
    assert_false(queue_try_push(queue, &other));
    queue_free(queue);
}

static void queue_try_pop_returns_false_when_empty(void **state)
{
    struct queue *queue = queue_create(1);
    void *item;

    (void)state;
    assert_false(queue_try_pop(queue, &item));
    assert_true(queue_push(queue, item_of(1)));
    assert_true(queue_try_pop(queue, &item));
    assert_ptr_equal(item, item_of(1));
    queue_free(queue);
}

static void queue_push_returns_false_when_closed(void **state)
{
    struct queue *queue = queue_create(2);

    (void)state;
    queue_close(queue);
    assert_false(queue_push(queue, item_of(1)));
    queue_free(queue);
}

static void queue_pop_drains_what_is_left_after_closing(void **state)
{
    struct queue *queue = queue_create(2);
    void *item;

    (void)state;
    assert_true(queue_push(queue, item_of(1)));
    assert_true(queue_push(queue, item_of(2)));
    queue_close(queue);
    assert_true(queue_pop(queue, &item));
    assert_ptr_equal(item, item_of(1));
    assert_true(queue_try_pop(queue, &item));
    assert_ptr_equal(item, item_of(2));
    queue_free(queue);
}

static void queue_pop_returns_false_when_closed_and_empty(void **state)
{
    struct queue *queue = queue_create(2);
    bool is_open = true;
    void *item;

    (void)state;
    queue_close(queue);
    assert_false(queue_pop(queue, &item));
    assert_false(queue_pop_wait(queue, &item, 1000, &is_open));
    assert_false(is_open);
    queue_free(queue);
}

static void queue_pop_wait_gives_up_after_its_time(void **state)
{
    struct queue *queue = queue_create(2);
    bool is_open = false;
    void *item;

    (void)state;
    uint64_t before_us = clock_now_us();
    assert_false(queue_pop_wait(queue, &item, 30, &is_open));
    assert_true(clock_now_us() - before_us >= 29000);
    assert_true(is_open);
    queue_free(queue);
}

static void queue_pop_wait_takes_what_is_there(void **state)
{
    struct queue *queue = queue_create(2);
    bool is_open = false;
    void *item;

    (void)state;
    assert_true(queue_push(queue, item_of(5)));
    queue_close(queue);
    assert_true(queue_pop_wait(queue, &item, 0, &is_open));
    assert_true(is_open);
    assert_ptr_equal(item, item_of(5));
    queue_free(queue);
}

static void *push_one_more(void *queue)
{
    return item_of(queue_push(queue, item_of(2)));
}

static void *pop_one(void *queue)
{
    void *item;

    return item_of(queue_pop(queue, &item));
}

static void queue_close_wakes_a_pusher_that_waits_for_room(void **state)
{
    struct queue *queue = queue_create(1);
    pthread_t pusher;
    void *has_pushed;

    (void)state;
    assert_true(queue_push(queue, item_of(1)));
    assert_int_equal(pthread_create(&pusher, NULL, push_one_more, queue), 0);
    usleep(20000);
    queue_close(queue);
    pthread_join(pusher, &has_pushed);
    assert_null(has_pushed);
    queue_free(queue);
}

static void queue_close_wakes_every_popper(void **state)
{
    struct queue *queue = queue_create(1);
    pthread_t poppers[3];

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&poppers[i], NULL, pop_one, queue), 0);
    usleep(20000);
    queue_close(queue);
    for (unsigned i = 0; i < 3; i++) {
        void *has_popped;
        pthread_join(poppers[i], &has_popped);
        assert_null(has_popped);
    }
    queue_free(queue);
}

struct traffic {
    struct queue *queue;
    uint64_t sums[RECEIVERS];
    uint64_t counts[RECEIVERS];
};

struct receiver {
    struct traffic *traffic;
    unsigned index;
};

static void *send_items(void *context)
{
    struct traffic *traffic = context;

    for (uintptr_t i = 1; i <= ITEMS_PER_SENDER; i++)
        if (!queue_push(traffic->queue, item_of(i)))
            return NULL;
    return traffic;
}

/* Every other receiver polls with a time limit, so that both ways of waiting meet. */
static void *receive_items(void *context)
{
    struct receiver *receiver = context;
    struct queue *queue = receiver->traffic->queue;
    bool is_open = true;

    while (is_open) {
        void *item;
        bool has_item = receiver->index % 2 == 0 ? (is_open = queue_pop(queue, &item))
                                                 : queue_pop_wait(queue, &item, 1, &is_open);
        if (!has_item)
            continue;
        receiver->traffic->sums[receiver->index] += (uintptr_t)item;
        receiver->traffic->counts[receiver->index]++;
    }
    return NULL;
}

static void queue_loses_and_repeats_nothing_between_many_threads(void **state)
{
    struct traffic traffic = {.queue = queue_create(7)};
    pthread_t senders[SENDERS], receivers[RECEIVERS];
    struct receiver contexts[RECEIVERS];
    uint64_t sum = 0, count = 0;

    (void)state;
    for (unsigned i = 0; i < RECEIVERS; i++) {
        contexts[i] = (struct receiver){&traffic, i};
        assert_int_equal(pthread_create(&receivers[i], NULL, receive_items, &contexts[i]), 0);
    }
    for (unsigned i = 0; i < SENDERS; i++)
        assert_int_equal(pthread_create(&senders[i], NULL, send_items, &traffic), 0);
    for (unsigned i = 0; i < SENDERS; i++) {
        void *has_sent_all;
        pthread_join(senders[i], &has_sent_all);
        assert_non_null(has_sent_all);
    }
    queue_close(traffic.queue);
    for (unsigned i = 0; i < RECEIVERS; i++) {
        pthread_join(receivers[i], NULL);
        sum += traffic.sums[i];
        count += traffic.counts[i];
    }
    assert_int_equal(count, (uint64_t)SENDERS * ITEMS_PER_SENDER);
    assert_int_equal(sum, (uint64_t)SENDERS * ITEMS_PER_SENDER * (ITEMS_PER_SENDER + 1) / 2);
    queue_free(traffic.queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queue_gives_items_in_the_order_they_came),
        cmocka_unit_test(queue_try_push_returns_false_when_full_or_closed),
        cmocka_unit_test(queue_try_pop_returns_false_when_empty),
        cmocka_unit_test(queue_push_returns_false_when_closed),
        cmocka_unit_test(queue_pop_drains_what_is_left_after_closing),
        cmocka_unit_test(queue_pop_returns_false_when_closed_and_empty),
        cmocka_unit_test(queue_pop_wait_gives_up_after_its_time),
        cmocka_unit_test(queue_pop_wait_takes_what_is_there),
        cmocka_unit_test(queue_close_wakes_a_pusher_that_waits_for_room),
        cmocka_unit_test(queue_close_wakes_every_popper),
        cmocka_unit_test(queue_loses_and_repeats_nothing_between_many_threads),
    };

    queue_free(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
