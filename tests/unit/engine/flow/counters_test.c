#include "engine/flow/counters.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define THREADS 4
#define ROUNDS 50000

static void *count(void *context)
{
    struct counters *counters = context;

    for (unsigned i = 0; i < ROUNDS; i++) {
        counter_add(&counters->rows_done, 1);
        counter_add(&counters->raw_bytes_done, 3);
    }
    return NULL;
}

static void counters_lose_nothing_between_threads(void **state)
{
    static struct counters counters;
    pthread_t threads[THREADS];

    (void)state;
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count, &counters), 0);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(counter_read(&counters.rows_done), THREADS * ROUNDS);
    assert_int_equal(counter_read(&counters.raw_bytes_done), 3 * THREADS * ROUNDS);
    counter_set(&counters.rows_done, 7);
    assert_int_equal(counter_read(&counters.rows_done), 7);
}

static void counters_lie_on_cache_lines_of_their_own(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct counter), 64);
    assert_int_equal(offsetof(struct counters, entries_done) % 64, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_lose_nothing_between_threads),
        cmocka_unit_test(counters_lie_on_cache_lines_of_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
