#include "engine/restore/loading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { ONE, OTHER, TABLES };

static struct plan_table tables[TABLES];
static const struct plan plan = {.tables = tables, .table_count = TABLES};

static struct plan_step load_of(unsigned table)
{
    return (struct plan_step){
        .action = PLAN_LOAD_TABLE, .table = &tables[table], .parts = 1, .stored_bytes = 10};
}

static struct assignment *assignment_of(const struct plan_step *first,
                                        const struct plan_step *second)
{
    struct assignment *assignment = assignment_create(2);

    assert_true(assignment_add(assignment, first));
    if (second != NULL)
        assert_true(assignment_add(assignment, second));
    return assignment;
}

static void assert_counted(const struct counters *counters, unsigned table_count, unsigned sessions)
{
    assert_int_equal(counter_read(&counters->tables_loading), table_count);
    assert_int_equal(counter_read(&counters->loads_running), sessions);
}

static void several_sessions_at_a_table_load_one_table(void **state)
{
    struct counters counters = {0};
    struct plan_step piece = load_of(ONE), next_piece = load_of(ONE), another = load_of(OTHER);
    struct assignment *first = assignment_of(&piece, NULL);
    struct assignment *second = assignment_of(&next_piece, NULL);
    struct assignment *third = assignment_of(&another, NULL);
    struct loading loading;

    (void)state;
    loading_init(&loading, &plan, &counters);
    loading_begin(&loading, first);
    assert_counted(&counters, 1, 1);
    loading_begin(&loading, second);
    assert_counted(&counters, 1, 2);
    loading_begin(&loading, third);
    assert_counted(&counters, 2, 3);
    loading_end(&loading, first);
    assert_counted(&counters, 2, 2);
    loading_end(&loading, second);
    assert_counted(&counters, 1, 1);
    loading_end(&loading, third);
    assert_counted(&counters, 0, 0);
    loading_clear(&loading);
    assignment_free(first);
    assignment_free(second);
    assignment_free(third);
}

static void small_tables_of_one_session_count_as_one(void **state)
{
    struct counters counters = {0};
    struct plan_step one = load_of(ONE), other = load_of(OTHER);
    struct assignment *both = assignment_of(&one, &other);
    struct loading loading;

    (void)state;
    loading_init(&loading, &plan, &counters);
    loading_begin(&loading, both);
    assert_counted(&counters, 1, 1);
    loading_end(&loading, both);
    assert_counted(&counters, 0, 0);
    loading_clear(&loading);
    assignment_free(both);
}

static void what_loads_no_table_is_not_counted(void **state)
{
    static const enum plan_action actions[] = {PLAN_DEFINE, PLAN_LOAD_BLOBS, PLAN_LOAD_PAGES,
                                               PLAN_ANALYZE};
    struct counters counters = {0};
    struct loading loading;

    (void)state;
    loading_init(&loading, &plan, &counters);
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        struct plan_step step = load_of(ONE);
        step.action = actions[i];
        struct assignment *assignment = assignment_of(&step, NULL);

        loading_begin(&loading, assignment);
        assert_counted(&counters, 0, 0);
        loading_end(&loading, assignment);
        assert_counted(&counters, 0, 0);
        assignment_free(assignment);
    }
    loading_clear(&loading);
}

static void nothing_is_shown_of_loads_that_never_came_back(void **state)
{
    struct counters counters = {0};
    struct plan_step step = load_of(ONE);
    struct assignment *lost = assignment_of(&step, NULL);
    struct loading loading;

    (void)state;
    loading_init(&loading, &plan, &counters);
    loading_begin(&loading, lost);
    loading_clear(&loading);
    assert_counted(&counters, 0, 0);
    assignment_free(lost);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_sessions_at_a_table_load_one_table),
        cmocka_unit_test(small_tables_of_one_session_count_as_one),
        cmocka_unit_test(what_loads_no_table_is_not_counted),
        cmocka_unit_test(nothing_is_shown_of_loads_that_never_came_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
