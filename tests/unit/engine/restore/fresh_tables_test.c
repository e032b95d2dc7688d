#include "engine/restore/fresh_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* Two tables, the first with its rows in two pieces, and rows of a table that is not in the
 * archive.
 */
static const struct toc_entry table = {
    .dump_id = 1, .type = ENTRY_TABLE, .schema = "public", .tag = "T t"};
static const struct toc_entry first = {.dump_id = 2, .type = ENTRY_TABLE_DATA};
static const struct toc_entry second = {.dump_id = 3, .type = ENTRY_TABLE_DATA};
static const struct toc_entry other = {
    .dump_id = 4, .type = ENTRY_TABLE, .schema = "s", .tag = "other"};
static const struct toc_entry other_rows = {.dump_id = 5, .type = ENTRY_TABLE_DATA};
static const struct toc_entry strange = {.dump_id = 6, .type = ENTRY_TABLE_DATA};

static struct plan_table tables[] = {
    {.definition = &table}, {.definition = &other}, {.definition = NULL}};
static const size_t table_by_dump_id[] = {0, 1, 1, 1, 2, 2, 3};

enum { ENTRIES = 6 };

struct fixture {
    struct arena *arena;
    struct selected_entry entries[ENTRIES];
    struct name_set found;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){
        .arena = arena_create(),
        .entries = {{.entry = &table, .wanted = WANT_SCHEMA},
                    {.entry = &first, .wanted = WANT_DATA},
                    {.entry = &second, .wanted = WANT_DATA},
                    {.entry = &other, .wanted = WANT_SCHEMA},
                    {.entry = &other_rows, .wanted = WANT_DATA},
                    {.entry = &strange, .wanted = WANT_DATA}},
    };
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    name_set_clear(&fixture->found);
    arena_free(fixture->arena);
    return 0;
}

static void find(struct fixture *fixture)
{
    const struct selection selection = {.entries = fixture->entries, .count = ENTRIES};
    const struct plan plan = {
        .tables = tables, .table_count = 3, .table_by_dump_id = table_by_dump_id};

    fresh_tables_find(&fixture->found, fixture->arena, &selection, &plan);
}

static void tables_that_are_made_and_filled_are_found_once(void **state)
{
    struct fixture *fixture = *state;

    find(fixture);
    assert_int_equal(fixture->found.count, 2);
    assert_string_equal(fixture->found.items[0], "public.\"T t\"");
    assert_string_equal(fixture->found.items[1], "s.other");
}

static void those_of_which_only_a_part_is_selected_are_not(void **state)
{
    struct fixture *fixture = *state;

    fixture->entries[0].wanted = 0; /* the first table is to be there */
    fixture->entries[4].wanted = 0; /* the other's rows are left out */
    find(fixture);
    assert_int_equal(fixture->found.count, 0);
}

static void one_piece_of_the_rows_is_enough(void **state)
{
    struct fixture *fixture = *state;

    fixture->entries[1].wanted = fixture->entries[4].wanted = 0;
    find(fixture);
    assert_int_equal(fixture->found.count, 1);
    assert_string_equal(fixture->found.items[0], "public.\"T t\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tables_that_are_made_and_filled_are_found_once),
        TEST(those_of_which_only_a_part_is_selected_are_not),
        TEST(one_piece_of_the_rows_is_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
