#include "engine/flow/rate_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { SECOND_US = 1000000, START_US = 1234567890 };

/* A writer that waits as it is told, and works for `work_us` on each piece. The time it took. */
static uint64_t time_to_write(struct rate_limit *limit, uint64_t pieces, uint64_t bytes,
                              uint64_t work_us)
{
    uint64_t now_us = START_US;

    for (uint64_t i = 0; i < pieces; i++)
        now_us += rate_limit_spend(limit, now_us, bytes) + work_us;
    return now_us - START_US;
}

static void without_a_limit_nothing_waits(void **state)
{
    struct rate_limit limit = {.bytes_per_second = 0};

    (void)state;
    assert_int_equal(time_to_write(&limit, 1000, 1 << 20, 0), 0);
}

static void pieces_of_any_size_go_at_the_same_rate(void **state)
{
    static const uint64_t sizes[] = {1000, 4096, 65536, 1 << 20};

    (void)state;
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct rate_limit limit = {.bytes_per_second = 5 << 20};
        uint64_t pieces = (50 << 20) / sizes[i];
        assert_in_range(time_to_write(&limit, pieces, sizes[i], 0), 9.6 * SECOND_US,
                        10 * SECOND_US);
    }
}

static void work_counts_as_waiting(void **state)
{
    struct rate_limit limit = {.bytes_per_second = 1 << 20};

    (void)state;
    assert_in_range(time_to_write(&limit, 100, 1 << 17, SECOND_US / 16), 12 * SECOND_US,
                    13 * SECOND_US);
}

static void who_is_slow_never_waits(void **state)
{
    struct rate_limit limit = {.bytes_per_second = 1 << 20};

    (void)state;
    assert_int_equal(time_to_write(&limit, 100, 1 << 17, SECOND_US), 100ULL * SECOND_US);
}

static void only_a_moment_is_saved_up_in_idle_time(void **state)
{
    struct rate_limit limit = {.bytes_per_second = 1000};

    (void)state;
    assert_int_equal(rate_limit_spend(&limit, START_US, 1000), 0);
    assert_int_equal(rate_limit_spend(&limit, START_US + 3600ULL * SECOND_US, 1000), 0);
    assert_in_range(rate_limit_spend(&limit, START_US + 3600ULL * SECOND_US, 1), 900000, 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_limit_nothing_waits),
        cmocka_unit_test(pieces_of_any_size_go_at_the_same_rate),
        cmocka_unit_test(work_counts_as_waiting),
        cmocka_unit_test(who_is_slow_never_waits),
        cmocka_unit_test(only_a_moment_is_saved_up_in_idle_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
