#include "engine/flow/jobs.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const uint64_t plenty = (uint64_t)1 << 40;

static unsigned choose(unsigned processors, unsigned free_connections, uint64_t data_bytes)
{
    const struct jobs_facts facts = {processors, free_connections, data_bytes};

    return jobs_choose(&facts);
}

static void small_machines_use_every_processor_and_large_ones_half(void **state)
{
    (void)state;
    assert_int_equal(choose(1, 100, plenty), 1);
    assert_int_equal(choose(2, 100, plenty), 2);
    assert_int_equal(choose(8, 100, plenty), 8);
    assert_int_equal(choose(12, 100, plenty), 8);
    assert_int_equal(choose(32, 100, plenty), 16);
    assert_int_equal(choose(256, 1000, plenty), 32);
}

static void half_of_the_free_connections_are_left_to_others(void **state)
{
    (void)state;
    assert_int_equal(choose(64, 23, plenty), 10);
    assert_int_equal(choose(64, 4, plenty), 1);
    assert_int_equal(choose(64, 0, plenty), 1);
}

static void a_small_database_is_not_worth_many_sessions(void **state)
{
    (void)state;
    assert_int_equal(choose(16, 100, 0), 1);
    assert_int_equal(choose(16, 100, 40 << 20), 3);
}

static void what_is_not_known_limits_nothing(void **state)
{
    (void)state;
    assert_int_equal(choose(4, UINT_MAX, UINT64_MAX), 4);
}

static void more_of_anything_never_means_fewer_jobs(void **state)
{
    (void)state;
    for (unsigned i = 1; i < 300; i++) {
        assert_true(choose(i + 1, 1000, plenty) >= choose(i, 1000, plenty));
        assert_true(choose(64, i + 1, plenty) >= choose(64, i, plenty));
        assert_true(choose(64, 1000, (uint64_t)(i + 1) << 22) >=
                    choose(64, 1000, (uint64_t)i << 22));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_machines_use_every_processor_and_large_ones_half),
        cmocka_unit_test(half_of_the_free_connections_are_left_to_others),
        cmocka_unit_test(a_small_database_is_not_worth_many_sessions),
        cmocka_unit_test(what_is_not_known_limits_nothing),
        cmocka_unit_test(more_of_anything_never_means_fewer_jobs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
