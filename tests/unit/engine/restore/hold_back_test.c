#include "engine/restore/hold_back.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* Two tables, what is made on top of the first, and what looks at everything. Steps by place: */
enum { ROWS, GATE, INDEX, COMMENT, ON, STATISTICS, OTHER_ROWS, OTHER_INDEX, GRANT, REFRESH, STEPS };

struct fixture {
    struct plan_step steps[STEPS];
    struct schedule_node nodes[STEPS];
    struct plan plan;
};

static const unsigned rows[] = {ROWS}, gate[] = {GATE}, index_[] = {INDEX}, other[] = {OTHER_ROWS};

static void wait_for(struct fixture *fixture, unsigned step, const unsigned *dependency)
{
    fixture->nodes[step].dependencies = dependency;
    fixture->nodes[step].dependency_count = 1;
}

static int set_up(void **state)
{
    static const enum plan_action actions[STEPS] = {
        [ROWS] = PLAN_LOAD_TABLE,       [GATE] = PLAN_PASS_BY,       [INDEX] = PLAN_DEFINE,
        [COMMENT] = PLAN_DEFINE,        [ON] = PLAN_ENABLE_TRIGGERS, [STATISTICS] = PLAN_ANALYZE,
        [OTHER_ROWS] = PLAN_LOAD_TABLE, [OTHER_INDEX] = PLAN_DEFINE, [GRANT] = PLAN_DEFINE,
        [REFRESH] = PLAN_DEFINE,
    };
    static struct fixture fixture;

    fixture = (struct fixture){.steps = {{.entry = NULL}}};
    for (unsigned i = 0; i < STEPS; i++)
        fixture.steps[i].action = actions[i];
    wait_for(&fixture, GATE, rows);
    wait_for(&fixture, INDEX, gate);
    wait_for(&fixture, COMMENT, index_);
    wait_for(&fixture, ON, rows);
    wait_for(&fixture, STATISTICS, gate);
    wait_for(&fixture, OTHER_ROWS, rows);
    wait_for(&fixture, OTHER_INDEX, other);
    fixture.nodes[GRANT].pass = PLAN_PASS_ACL;
    fixture.nodes[REFRESH].pass = PLAN_PASS_REFRESH;
    fixture.plan =
        (struct plan){.steps = fixture.steps, .nodes = fixture.nodes, .step_count = STEPS};
    *state = &fixture;
    return 0;
}

/* As the schedule would come by. */
static unsigned find_held_back(const struct fixture *fixture)
{
    unsigned held_back = 0;

    for (unsigned i = 0; i < STEPS; i++)
        if (hold_back_is_due(&fixture->plan, &fixture->steps[i]))
            held_back |= 1u << i;
    return held_back;
}

static void what_is_made_on_top_of_rows_that_are_not_there_waits(void **state)
{
    struct fixture *fixture = *state;

    hold_back_note(&fixture->plan, &fixture->steps[ROWS]);
    assert_int_equal(find_held_back(fixture),
                     1u << INDEX | 1u << COMMENT | 1u << STATISTICS | 1u << REFRESH);
}

static void where_all_rows_are_there_only_what_looks_at_everything_waits(void **state)
{
    assert_int_equal(find_held_back(*state), 1u << REFRESH);
}

static void what_an_earlier_run_has_done_does_not_wait(void **state)
{
    struct fixture *fixture = *state;

    fixture->steps[INDEX].is_done = fixture->steps[REFRESH].is_done = true;
    hold_back_note(&fixture->plan, &fixture->steps[ROWS]);
    assert_int_equal(find_held_back(fixture), 1u << COMMENT | 1u << STATISTICS);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_made_on_top_of_rows_that_are_not_there_waits),
        TEST(where_all_rows_are_there_only_what_looks_at_everything_waits),
        TEST(what_an_earlier_run_has_done_does_not_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
