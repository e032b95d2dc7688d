#include "engine/restore/maintenance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MB ((uint64_t)1 << 20)

static const struct server_facts defaults = {
    .maintenance_bytes = 64 * MB,
    .shared_buffers_bytes = 128 * MB,
    .maintenance_workers = 2,
    .parallel_workers = 8,
};

static void a_small_server_is_left_as_it_is(void **state)
{
    (void)state;
    const struct maintenance_work work = {.indexes = 10, .keys = 4, .sessions = 8};
    const struct maintenance_share share = maintenance_divide(&defaults, &work);
    assert_int_equal(share.memory_kb, 0);
    assert_int_equal(share.workers, 0);
}

static void a_quarter_of_the_buffers_is_shared_by_what_runs_at_once(void **state)
{
    (void)state;
    struct server_facts facts = defaults;
    facts.shared_buffers_bytes = 8192 * MB;
    struct maintenance_work work = {.indexes = 10, .keys = 4, .sessions = 8};
    assert_int_equal(maintenance_divide(&facts, &work).memory_kb, 256 * 1024);
    work = (struct maintenance_work){.indexes = 1, .keys = 1, .sessions = 8};
    assert_int_equal(maintenance_divide(&facts, &work).memory_kb, 1024 * 1024);
}

static void a_budget_holds_whatever_the_server_is_set_to(void **state)
{
    (void)state;
    struct maintenance_work work = {
        .indexes = 10, .keys = 4, .sessions = 4, .budget_bytes = 100 * MB};
    assert_int_equal(maintenance_divide(&defaults, &work).memory_kb, 25 * 1024);
    work.budget_bytes = 1;
    assert_int_equal(maintenance_divide(&defaults, &work).memory_kb, 1024);
    work.budget_bytes = UINT64_MAX;
    assert_int_equal(maintenance_divide(&defaults, &work).memory_kb, 2 * 1024 * 1024 - 1);
}

static void idle_sessions_are_made_up_for_by_workers_and_these_are_let_to_work(void **state)
{
    (void)state;
    struct maintenance_work work = {.indexes = 3, .sessions = 16};
    struct maintenance_share share = maintenance_divide(&defaults, &work);
    assert_true(share.sets_workers);
    assert_true(share.is_spread);
    assert_int_equal(share.workers, 3);
    assert_int_equal(share.memory_kb, 4 * 32 * 1024);
    work.indexes = 1;
    assert_int_equal(maintenance_divide(&defaults, &work).workers, 8);
    work.budget_bytes = 64 * MB;
    assert_int_equal(maintenance_divide(&defaults, &work).memory_kb, 64 * 1024);
}

static void a_session_for_each_build_is_as_the_server_has_it(void **state)
{
    (void)state;
    const struct maintenance_work work = {.indexes = 8, .sessions = 16};
    const struct maintenance_share share = maintenance_divide(&defaults, &work);
    assert_false(share.sets_workers);
    assert_false(share.is_spread);
}

static void workers_do_not_take_the_processors_from_other_builds(void **state)
{
    (void)state;
    struct maintenance_work work = {.indexes = 3, .sessions = 2, .processors = 2};
    struct maintenance_share share = maintenance_divide(&defaults, &work);
    assert_true(share.sets_workers);
    assert_false(share.is_spread);
    assert_int_equal(share.workers, 0);
    work.processors = 4;
    assert_int_equal(maintenance_divide(&defaults, &work).workers, 1);
    work.processors = 1;
    assert_int_equal(maintenance_divide(&defaults, &work).workers, 0);
    work.processors = 64;
    assert_false(maintenance_divide(&defaults, &work).sets_workers);
    work.processors = 0;
    assert_false(maintenance_divide(&defaults, &work).sets_workers);
}

static void nothing_large_needs_nothing(void **state)
{
    (void)state;
    const struct maintenance_work work = {.sessions = 8, .budget_bytes = 1000 * MB};
    assert_int_equal(maintenance_divide(&defaults, &work).memory_kb, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_server_is_left_as_it_is),
        cmocka_unit_test(a_quarter_of_the_buffers_is_shared_by_what_runs_at_once),
        cmocka_unit_test(a_budget_holds_whatever_the_server_is_set_to),
        cmocka_unit_test(idle_sessions_are_made_up_for_by_workers_and_these_are_let_to_work),
        cmocka_unit_test(a_session_for_each_build_is_as_the_server_has_it),
        cmocka_unit_test(workers_do_not_take_the_processors_from_other_builds),
        cmocka_unit_test(nothing_large_needs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
