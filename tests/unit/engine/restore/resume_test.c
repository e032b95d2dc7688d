#include "engine/restore/resume.h"

#include "engine/restore/step_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* A table, its rows in two shares, an index in halves, a trigger, and the switches of another
 * table. Steps by place: */
enum {
    SHARE_0,
    SHARE_1,
    FIRST_HALF,
    SECOND_HALF,
    TRIGGER,
    GATE,
    OTHER_ROWS,
    OTHER_ON,
    OTHER_OFF,
    STATISTICS,
    STEPS
};

static const struct toc_entry table = {.dump_id = 1, .type = ENTRY_TABLE, .desc = "TABLE"};
static const struct toc_entry type = {.dump_id = 2, .desc = "TYPE"};
static const struct toc_entry rows = {.dump_id = 3, .type = ENTRY_TABLE_DATA, .has_data = true};
static const struct toc_entry key = {.dump_id = 4, .type = ENTRY_CONSTRAINT};
static const struct toc_entry trigger = {.dump_id = 5, .type = ENTRY_TRIGGER};
static const struct toc_entry other_rows = {
    .dump_id = 6, .type = ENTRY_TABLE_DATA, .has_data = true};

struct fixture {
    struct arena *arena;
    const struct toc_entry *serial[2];
    struct plan_table tables[2];
    struct plan_step steps[STEPS];
    struct schedule_node nodes[STEPS];
    size_t table_by_dump_id[7];
    struct halved_entry halved;
    struct plan plan;
    struct journal_keys done;
    struct resume resume;
};

static const unsigned trigger_waits_for[] = {GATE};
static const unsigned gate_waits_for[] = {SHARE_0, SHARE_1};

static int set_up(void **state)
{
    static struct fixture fixture;
    struct plan_step *steps = fixture.steps;

    fixture = (struct fixture){.arena = arena_create(), .serial = {&table, &type}};
    fixture.table_by_dump_id[table.dump_id] = fixture.table_by_dump_id[rows.dump_id] = 1;
    fixture.table_by_dump_id[other_rows.dump_id] = 2;
    for (unsigned part = 0; part < 2; part++)
        steps[SHARE_0 + part] = (struct plan_step){.action = PLAN_LOAD_TABLE,
                                                   .entry = &rows,
                                                   .table = &fixture.tables[0],
                                                   .part = part,
                                                   .parts = 2};
    steps[FIRST_HALF] =
        (struct plan_step){.action = PLAN_DEFINE, .entry = &key, .halved = &fixture.halved};
    steps[SECOND_HALF] = (struct plan_step){
        .action = PLAN_DEFINE_SECOND_HALF, .entry = &key, .halved = &fixture.halved};
    steps[TRIGGER] = (struct plan_step){.action = PLAN_DEFINE, .entry = &trigger};
    steps[GATE] =
        (struct plan_step){.action = PLAN_PASS_BY, .entry = &rows, .table = &fixture.tables[0]};
    steps[OTHER_ROWS] = (struct plan_step){
        .action = PLAN_LOAD_TABLE, .entry = &other_rows, .table = &fixture.tables[1], .parts = 1};
    steps[OTHER_ON] = (struct plan_step){
        .action = PLAN_ENABLE_TRIGGERS, .entry = &other_rows, .table = &fixture.tables[1]};
    steps[OTHER_OFF] = (struct plan_step){
        .action = PLAN_DISABLE_TRIGGERS, .entry = &other_rows, .table = &fixture.tables[1]};
    steps[STATISTICS] = (struct plan_step){.action = PLAN_ANALYZE, .entry = &table};
    fixture.nodes[TRIGGER] =
        (struct schedule_node){.dependencies = trigger_waits_for, .dependency_count = 1};
    fixture.nodes[GATE] =
        (struct schedule_node){.dependencies = gate_waits_for, .dependency_count = 2};
    fixture.plan = (struct plan){.serial = fixture.serial,
                                 .serial_count = 2,
                                 .steps = steps,
                                 .nodes = fixture.nodes,
                                 .step_count = STEPS,
                                 .tables = fixture.tables,
                                 .table_count = 2,
                                 .table_by_dump_id = fixture.table_by_dump_id};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    journal_keys_clear(&fixture->done);
    arena_free(fixture->arena);
    return 0;
}

static void note(struct fixture *fixture, enum journal_kind kind, const struct toc_entry *entry)
{
    journal_keys_add(&fixture->done, journal_key(kind, entry->dump_id, 0));
}

static void apply(struct fixture *fixture)
{
    journal_keys_seal(&fixture->done);
    resume_apply(&fixture->resume, &fixture->plan, fixture->arena, &fixture->done);
}

static bool is_left(const struct fixture *fixture, unsigned step)
{
    return plan_step_is_work(&fixture->steps[step]);
}

static void an_empty_journal_leaves_everything_to_be_done(void **state)
{
    struct fixture *fixture = *state;

    apply(fixture);
    assert_int_equal(fixture->plan.serial_count, 2);
    assert_int_equal(fixture->resume.done_count, 0);
    for (unsigned i = 0; i < STEPS; i++)
        assert_int_equal(is_left(fixture, i), i != GATE);
}

static void definitions_that_are_done_are_off_the_list(void **state)
{
    struct fixture *fixture = *state;

    note(fixture, JOURNAL_DEFINED, &table);
    apply(fixture);
    assert_int_equal(fixture->plan.serial_count, 1);
    assert_ptr_equal(fixture->plan.serial[0], &type);
    assert_true(fixture->tables[0].is_created);
    assert_int_equal(fixture->resume.done_count, 1);
}

static void what_was_made_with_flaws_is_told_and_not_made_again(void **state)
{
    struct fixture *fixture = *state;

    note(fixture, JOURNAL_FLAWED, &type);
    apply(fixture);
    assert_int_equal(fixture->plan.serial_count, 1);
    assert_int_equal(fixture->resume.flawed_count, 1);
    assert_ptr_equal(fixture->resume.flawed[0], &type);
}

static void rows_count_when_all_of_them_are_there(void **state)
{
    struct fixture *fixture = *state;

    note(fixture, JOURNAL_SHARE, &rows);
    note(fixture, JOURNAL_SHARE, &rows);
    note(fixture, JOURNAL_ROWS, &rows);
    apply(fixture);
    assert_false(is_left(fixture, SHARE_0));
    assert_false(is_left(fixture, SHARE_1));
    assert_int_equal(fixture->resume.half_loaded_count, 0);
    assert_int_equal(fixture->resume.done_count, 1);
}

static void shares_alone_are_to_be_emptied_and_loaded_again(void **state)
{
    struct fixture *fixture = *state;

    note(fixture, JOURNAL_SHARE, &rows);
    apply(fixture);
    assert_true(is_left(fixture, SHARE_0));
    assert_true(is_left(fixture, SHARE_1));
    assert_int_equal(fixture->resume.half_loaded_count, 1);
    assert_ptr_equal(fixture->resume.half_loaded[0], &rows);
}

static void after_a_first_half_comes_the_second(void **state)
{
    struct fixture *fixture = *state;

    note(fixture, JOURNAL_FIRST_HALF, &key);
    apply(fixture);
    assert_false(is_left(fixture, FIRST_HALF));
    assert_true(is_left(fixture, SECOND_HALF));
}

static void after_the_second_half_comes_nothing(void **state)
{
    struct fixture *fixture = *state;

    note(fixture, JOURNAL_FIRST_HALF, &key);
    note(fixture, JOURNAL_DEFINED, &key);
    apply(fixture);
    assert_false(is_left(fixture, FIRST_HALF));
    assert_false(is_left(fixture, SECOND_HALF));
    assert_int_equal(fixture->resume.done_count, 1);
}

static void rows_are_not_loaded_under_a_trigger(void **state)
{
    struct fixture *fixture = *state;

    note(fixture, JOURNAL_DEFINED, &table);
    note(fixture, JOURNAL_DEFINED, &trigger);
    apply(fixture);
    assert_false(is_left(fixture, SHARE_0));
    assert_false(is_left(fixture, SHARE_1));
    assert_int_equal(fixture->resume.forfeited_count, 1);
    assert_ptr_equal(fixture->resume.forfeited[0], &rows);
    assert_true(is_left(fixture, OTHER_ROWS));
}

static void triggers_that_are_off_stay_so_until_the_rows_are_in(void **state)
{
    struct fixture *fixture = *state;

    note(fixture, JOURNAL_TRIGGERS_OFF, &other_rows);
    apply(fixture);
    assert_false(is_left(fixture, OTHER_OFF));
    assert_true(is_left(fixture, OTHER_ROWS));
    assert_true(is_left(fixture, OTHER_ON));
}

static void triggers_that_are_on_again_go_off_for_rows_that_failed(void **state)
{
    struct fixture *fixture = *state;

    note(fixture, JOURNAL_TRIGGERS_OFF, &other_rows);
    note(fixture, JOURNAL_TRIGGERS_ON, &other_rows);
    apply(fixture);
    assert_true(is_left(fixture, OTHER_OFF));
    assert_true(is_left(fixture, OTHER_ON));
}

static void a_table_that_is_over_is_left_alone(void **state)
{
    struct fixture *fixture = *state;

    note(fixture, JOURNAL_TRIGGERS_OFF, &other_rows);
    note(fixture, JOURNAL_ROWS, &other_rows);
    note(fixture, JOURNAL_TRIGGERS_ON, &other_rows);
    journal_keys_add(&fixture->done, step_key(&fixture->steps[STATISTICS]));
    apply(fixture);
    assert_false(is_left(fixture, OTHER_OFF));
    assert_false(is_left(fixture, OTHER_ROWS));
    assert_false(is_left(fixture, OTHER_ON));
    assert_false(is_left(fixture, STATISTICS));
}

#define RESUME_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RESUME_TEST(an_empty_journal_leaves_everything_to_be_done),
        RESUME_TEST(definitions_that_are_done_are_off_the_list),
        RESUME_TEST(what_was_made_with_flaws_is_told_and_not_made_again),
        RESUME_TEST(rows_count_when_all_of_them_are_there),
        RESUME_TEST(shares_alone_are_to_be_emptied_and_loaded_again),
        RESUME_TEST(after_a_first_half_comes_the_second),
        RESUME_TEST(after_the_second_half_comes_nothing),
        RESUME_TEST(rows_are_not_loaded_under_a_trigger),
        RESUME_TEST(triggers_that_are_off_stay_so_until_the_rows_are_in),
        RESUME_TEST(triggers_that_are_on_again_go_off_for_rows_that_failed),
        RESUME_TEST(a_table_that_is_over_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
