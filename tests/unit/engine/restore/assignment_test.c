#include "engine/restore/assignment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct toc_entry index_entry = {.type = ENTRY_INDEX, .desc = "INDEX"};
static const struct toc_entry refresh_entry = {.type = ENTRY_MATERIALIZED_VIEW_DATA,
                                               .desc = "MATERIALIZED VIEW DATA"};

static struct plan_step load_of(uint64_t stored_bytes)
{
    return (struct plan_step){.action = PLAN_LOAD_TABLE, .parts = 1, .stored_bytes = stored_bytes};
}

static struct plan_step definition_of(uint64_t stored_bytes)
{
    return (struct plan_step){
        .action = PLAN_DEFINE, .entry = &index_entry, .parts = 1, .stored_bytes = stored_bytes};
}

static bool go_together(const struct plan_step *first, const struct plan_step *second)
{
    struct assignment *assignment = assignment_create(10);

    assert_true(assignment_add(assignment, first));
    bool is_added = assignment_add(assignment, second);
    assert_int_equal(assignment->count, is_added ? 2 : 1);
    assignment_free(assignment);
    return is_added;
}

static void small_steps_of_a_kind_go_together(void **state)
{
    struct plan_step load = load_of(1000), definition = definition_of(1000);

    (void)state;
    assert_true(go_together(&load, &load));
    assert_true(go_together(&definition, &definition));
    assert_false(go_together(&load, &definition));
    assert_false(go_together(&definition, &load));
}

static void a_large_step_goes_alone(void **state)
{
    struct plan_step small = load_of(1000), large = load_of(1000 * 1000);

    (void)state;
    assert_false(go_together(&small, &large));
    assert_false(go_together(&large, &small));
}

static void a_step_that_others_have_parts_of_goes_alone(void **state)
{
    struct plan_step small = load_of(1000), shared = load_of(1000);

    (void)state;
    shared.parts = 2;
    assert_false(go_together(&small, &shared));
    assert_false(go_together(&shared, &small));
}

static void what_may_take_long_goes_alone(void **state)
{
    struct plan_step small = definition_of(0), refresh = definition_of(0);
    struct plan_step blobs = {.action = PLAN_LOAD_BLOBS, .parts = 1};

    (void)state;
    refresh.entry = &refresh_entry;
    assert_false(go_together(&small, &refresh));
    assert_false(go_together(&blobs, &blobs));
}

static void the_bytes_of_all_steps_together_are_bounded(void **state)
{
    struct plan_step load = load_of(60 * 1000);
    struct assignment *assignment = assignment_create(1000);

    (void)state;
    while (assignment_add(assignment, &load))
        continue;
    assert_in_range(assignment->stored_bytes, 500 * 1000, 1100 * 1000);
    assignment_free(assignment);
}

static void an_assignment_is_full_at_its_capacity(void **state)
{
    struct plan_step load = load_of(1);
    struct assignment *assignment = assignment_create(3);

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_true(assignment_add(assignment, &load));
    assert_false(assignment_add(assignment, &load));
    assignment_free(assignment);
}

static void each_session_gets_a_fair_share_of_what_is_left(void **state)
{
    (void)state;
    assert_int_equal(assignment_fair_count(100000, 8, 200), 200);
    assert_int_equal(assignment_fair_count(160, 8, 200), 10);
    assert_int_equal(assignment_fair_count(3, 8, 200), 1);
    assert_int_equal(assignment_fair_count(0, 0, 200), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_steps_of_a_kind_go_together),
        cmocka_unit_test(a_large_step_goes_alone),
        cmocka_unit_test(a_step_that_others_have_parts_of_goes_alone),
        cmocka_unit_test(what_may_take_long_goes_alone),
        cmocka_unit_test(the_bytes_of_all_steps_together_are_bounded),
        cmocka_unit_test(an_assignment_is_full_at_its_capacity),
        cmocka_unit_test(each_session_gets_a_fair_share_of_what_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
