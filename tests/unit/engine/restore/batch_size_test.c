#include "engine/restore/batch_size.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { DEFAULT_SLOTS = 64 * 100 };

static void a_batch_has_a_maximum_however_many_locks_there_are(void **state)
{
    struct batch_size size = batch_size_for(1000 * 1000, 1);

    (void)state;
    assert_int_equal(size.most, 200);
    assert_int_equal(size.now, size.most);
}

static void all_sessions_together_leave_half_of_the_locks(void **state)
{
    (void)state;
    for (unsigned sessions = 1; sessions <= 64; sessions *= 2)
        assert_in_range(batch_size_for(DEFAULT_SLOTS, sessions).most * sessions * 6, 1,
                        DEFAULT_SLOTS / 2);
}

static void there_is_always_room_for_one(void **state)
{
    (void)state;
    assert_int_equal(batch_size_for(0, 0).most, 1);
    assert_int_equal(batch_size_for(100, 90).now, 1);
}

static void failures_make_batches_smaller_down_to_one(void **state)
{
    struct batch_size size = batch_size_for(DEFAULT_SLOTS, 8);
    size_t before = size.now;

    (void)state;
    batch_size_learn(&size, false);
    assert_int_equal(size.now, before / 2);
    for (int i = 0; i < 20; i++)
        batch_size_learn(&size, false);
    assert_int_equal(size.now, 1);
}

static void successes_make_them_larger_up_to_the_maximum(void **state)
{
    struct batch_size size = {.most = 10, .now = 1};

    (void)state;
    batch_size_learn(&size, true);
    assert_int_equal(size.now, 2);
    for (int i = 0; i < 20; i++)
        batch_size_learn(&size, true);
    assert_int_equal(size.now, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_has_a_maximum_however_many_locks_there_are),
        cmocka_unit_test(all_sessions_together_leave_half_of_the_locks),
        cmocka_unit_test(there_is_always_room_for_one),
        cmocka_unit_test(failures_make_batches_smaller_down_to_one),
        cmocka_unit_test(successes_make_them_larger_up_to_the_maximum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
