#include "engine/archive/sync_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { SMALL = 1000, LARGE = 50 << 20, MANY = 10000, FEW = 100 };

static unsigned count_wanted(struct sync_policy *policy, unsigned files, uint64_t size_bytes)
{
    unsigned wanted = 0;
    for (unsigned i = 0; i < files; i++)
        wanted += sync_policy_wants_file(policy, size_bytes) ? 1 : 0;
    return wanted;
}

static void a_few_small_files_are_synced_one_by_one(void **state)
{
    (void)state;
    struct sync_policy policy = {.method = SYNC_AUTO, .is_file_system_trusted = true};
    assert_int_equal(count_wanted(&policy, FEW, SMALL), FEW);
    assert_false(policy.owes_file_system);
}

static void of_many_small_files_most_wait_for_the_end(void **state)
{
    (void)state;
    struct sync_policy policy = {.method = SYNC_AUTO, .is_file_system_trusted = true};
    assert_in_range(count_wanted(&policy, MANY, SMALL), 1, MANY / 10);
    assert_true(policy.owes_file_system);
}

static void a_large_file_is_always_synced_early(void **state)
{
    (void)state;
    struct sync_policy policy = {.method = SYNC_AUTO, .is_file_system_trusted = true};
    count_wanted(&policy, MANY, SMALL);
    assert_int_equal(count_wanted(&policy, MANY, LARGE), MANY);
}

static void large_files_do_not_use_up_the_turns_of_small_ones(void **state)
{
    (void)state;
    struct sync_policy policy = {.method = SYNC_AUTO, .is_file_system_trusted = true};
    count_wanted(&policy, MANY, LARGE);
    assert_int_equal(count_wanted(&policy, FEW, SMALL), FEW);
    assert_false(policy.owes_file_system);
}

static void a_file_system_that_is_not_trusted_is_never_synced_at_once(void **state)
{
    (void)state;
    for (int method = SYNC_AUTO; method <= SYNC_FILE_SYSTEM; method++) {
        struct sync_policy policy = {.method = (enum sync_method)method};
        assert_int_equal(count_wanted(&policy, MANY, SMALL), MANY);
        assert_false(policy.owes_file_system);
    }
}

static void a_chosen_method_is_kept_to(void **state)
{
    (void)state;
    struct sync_policy each = {.method = SYNC_EACH_FILE, .is_file_system_trusted = true};
    assert_int_equal(count_wanted(&each, MANY, SMALL), MANY);
    assert_false(each.owes_file_system);

    struct sync_policy at_once = {.method = SYNC_FILE_SYSTEM, .is_file_system_trusted = true};
    assert_int_equal(count_wanted(&at_once, FEW, LARGE), 0);
    assert_true(at_once.owes_file_system);

    struct sync_policy nothing = {.method = SYNC_NOTHING, .is_file_system_trusted = true};
    assert_int_equal(count_wanted(&nothing, MANY, SMALL), 0);
    assert_false(nothing.owes_file_system);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_small_files_are_synced_one_by_one),
        cmocka_unit_test(of_many_small_files_most_wait_for_the_end),
        cmocka_unit_test(a_large_file_is_always_synced_early),
        cmocka_unit_test(large_files_do_not_use_up_the_turns_of_small_ones),
        cmocka_unit_test(a_file_system_that_is_not_trusted_is_never_synced_at_once),
        cmocka_unit_test(a_chosen_method_is_kept_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
