#include "engine/base/fault.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static int answer_seven(void)
{
    return FAULT_OR("test.seven", -errno, 7);
}

static void without_rules_a_point_is_what_it_wraps(void **state)
{
    (void)state;
    FAULT_POINT("test.passed");
    assert_int_equal(answer_seven(), 7);
    assert_int_equal(FAULT_LENGTH("test.length", 10), 10);
    assert_false(FAULT_HAPPENS("test.happens"));
}

#ifdef PGFAST_FAULT_POINTS

static void the_kth_passing_fails_and_no_other(void **state)
{
    (void)state;
    assert_true(fault_arm("test.seven:2:ENOSPC"));
    assert_int_equal(answer_seven(), 7);
    assert_int_equal(answer_seven(), -ENOSPC);
    assert_int_equal(answer_seven(), 7);
}

static void a_lasting_fault_stays(void **state)
{
    (void)state;
    assert_true(fault_arm("test.seven:2+:EIO"));
    assert_int_equal(answer_seven(), 7);
    assert_int_equal(answer_seven(), -EIO);
    assert_int_equal(answer_seven(), -EIO);
}

static void several_rules_strike_each_on_its_own(void **state)
{
    (void)state;
    assert_true(fault_arm("test.seven:1:EIO;test.length:1:SHORT"));
    assert_int_equal(FAULT_LENGTH("test.length", 11), 6);
    assert_int_equal(answer_seven(), -EIO);
}

static void a_star_counts_all_points_together(void **state)
{
    (void)state;
    assert_true(fault_arm("*:3:EIO"));
    FAULT_POINT("test.passed");
    assert_int_equal(answer_seven(), 7);
    assert_int_equal(answer_seven(), -EIO);
}

static void a_failed_call_is_not_made(void **state)
{
    (void)state;
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    assert_true(fault_arm("test.close:1:EIO"));
    assert_int_equal(FAULT_CALL("test.close", close(pipe_ends[0])), -1);
    assert_int_equal(errno, EIO);
    assert_int_equal(FAULT_CALL("test.close", close(pipe_ends[0])), 0);
    close(pipe_ends[1]);
}

static void what_is_misspelt_is_refused(void **state)
{
    static const char *const wrong[] = {"test.sevn:1:EIO", "test.seven:0:EIO", "test.seven:1:EWHAT",
                                        "test.seven",      "test.seven:1",     ":1:EIO"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(fault_arm(wrong[i]));
}

static int disarm(void **state)
{
    (void)state;
    return fault_arm("") ? 0 : -1;
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_rules_a_point_is_what_it_wraps),
#ifdef PGFAST_FAULT_POINTS
        cmocka_unit_test_teardown(the_kth_passing_fails_and_no_other, disarm),
        cmocka_unit_test_teardown(a_lasting_fault_stays, disarm),
        cmocka_unit_test_teardown(several_rules_strike_each_on_its_own, disarm),
        cmocka_unit_test_teardown(a_star_counts_all_points_together, disarm),
        cmocka_unit_test_teardown(a_failed_call_is_not_made, disarm),
        cmocka_unit_test_teardown(what_is_misspelt_is_refused, disarm),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
