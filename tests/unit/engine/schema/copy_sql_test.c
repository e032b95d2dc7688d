#include "engine/schema/copy_sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct span span(const char *text)
{
    return (struct span){(const unsigned char *)text, strlen(text)};
}

static int make_arena(void **state)
{
    *state = arena_create();
    return 0;
}

static int free_arena(void **state)
{
    arena_free(*state);
    return 0;
}

static const struct relation table = {.kind = 'r', .name = "public.t"};

static void copy_sql_whole_reads_a_table_without_its_children(void **state)
{
    assert_string_equal(copy_sql_whole(*state, &table, span("(a, b)")),
                        "COPY public.t (a, b) TO STDOUT");
    assert_string_equal(copy_sql_whole(*state, &table, span("")), "COPY public.t  TO STDOUT");
}

static void copy_sql_whole_keeps_the_condition_of_a_configuration_table(void **state)
{
    const struct relation configuration = {
        .kind = 'r', .name = "public.c", .condition = "WHERE NOT standard"};
    const struct relation foreign = {.kind = 'f', .name = "public.f"};

    assert_string_equal(copy_sql_whole(*state, &configuration, span("(a)")),
                        "COPY (SELECT a FROM public.c WHERE NOT standard) TO STDOUT");
    assert_string_equal(copy_sql_whole(*state, &foreign, span("(a)")),
                        "COPY (SELECT a FROM public.f ) TO STDOUT");
}

static void copy_sql_by_ctid_leaves_both_ends_open(void **state)
{
    struct span columns = span("(a, b)");

    assert_string_equal(copy_sql_by_ctid(*state, &table, columns, 90, 3, 0),
                        "COPY (SELECT a, b FROM ONLY public.t WHERE ctid < '(30,0)') TO STDOUT");
    assert_string_equal(copy_sql_by_ctid(*state, &table, columns, 90, 3, 1),
                        "COPY (SELECT a, b FROM ONLY public.t WHERE ctid >= '(30,0)' AND ctid < "
                        "'(60,0)') TO STDOUT");
    assert_string_equal(copy_sql_by_ctid(*state, &table, columns, 90, 3, 2),
                        "COPY (SELECT a, b FROM ONLY public.t WHERE ctid >= '(60,0)') TO STDOUT");
}

static void copy_sql_by_ctid_selects_nothing_of_a_table_without_columns(void **state)
{
    assert_string_equal(copy_sql_by_ctid(*state, &table, span(""), 2, 2, 0),
                        "COPY (SELECT  FROM ONLY public.t WHERE ctid < '(1,0)') TO STDOUT");
}

static void copy_sql_by_key_leaves_both_ends_open_and_loses_no_null(void **state)
{
    static const char *const bounds[] = {"'10'::integer", "'20'::integer"};
    const struct split_key key = {.column = "id", .bounds = bounds, .bound_count = 2};
    struct span columns = span("(id)");

    assert_string_equal(
        copy_sql_by_key(*state, &table, columns, &key, 0),
        "COPY (SELECT id FROM ONLY public.t WHERE id < '10'::integer OR id IS NULL) TO STDOUT");
    assert_string_equal(copy_sql_by_key(*state, &table, columns, &key, 1),
                        "COPY (SELECT id FROM ONLY public.t WHERE id >= '10'::integer AND id < "
                        "'20'::integer) TO STDOUT");
    assert_string_equal(copy_sql_by_key(*state, &table, columns, &key, 2),
                        "COPY (SELECT id FROM ONLY public.t WHERE id >= '20'::integer) TO STDOUT");
}

static void copy_sql_asks_for_the_format_of_the_relation(void **state)
{
    struct relation binary = {.kind = 'r', .name = "public.t", .is_binary = true};

    assert_string_equal(copy_sql_whole(*state, &binary, span("(a)")),
                        "COPY public.t (a) TO STDOUT WITH (FORMAT binary)");
    assert_string_equal(copy_sql_by_ctid(*state, &binary, span("(a)"), 2, 2, 0),
                        "COPY (SELECT a FROM ONLY public.t WHERE ctid < '(1,0)') TO STDOUT WITH "
                        "(FORMAT binary)");
    binary.condition = "WHERE b";
    assert_string_equal(copy_sql_whole(*state, &binary, span("(a)")),
                        "COPY (SELECT a FROM public.t WHERE b) TO STDOUT WITH (FORMAT binary)");
}

static void a_range_begins_at_a_row_and_ends_at_a_block_or_never(void **state)
{
    const struct tid from = {5, 3};

    assert_string_equal(tid_range_condition(*state, from, 20),
                        "WHERE ctid >= '(5,3)' AND ctid < '(20,0)'");
    assert_string_equal(tid_range_condition(*state, from, UINT64_MAX), "WHERE ctid >= '(5,3)'");
    assert_string_equal(copy_sql_where(*state, &table, span("(a)"), "WHERE ctid = '(5,3)'"),
                        "COPY (SELECT a FROM ONLY public.t WHERE ctid = '(5,3)') TO STDOUT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(copy_sql_whole_reads_a_table_without_its_children,
                                        make_arena, free_arena),
        cmocka_unit_test_setup_teardown(copy_sql_whole_keeps_the_condition_of_a_configuration_table,
                                        make_arena, free_arena),
        cmocka_unit_test_setup_teardown(copy_sql_by_ctid_leaves_both_ends_open, make_arena,
                                        free_arena),
        cmocka_unit_test_setup_teardown(copy_sql_by_ctid_selects_nothing_of_a_table_without_columns,
                                        make_arena, free_arena),
        cmocka_unit_test_setup_teardown(copy_sql_by_key_leaves_both_ends_open_and_loses_no_null,
                                        make_arena, free_arena),
        cmocka_unit_test_setup_teardown(a_range_begins_at_a_row_and_ends_at_a_block_or_never,
                                        make_arena, free_arena),
        cmocka_unit_test_setup_teardown(copy_sql_asks_for_the_format_of_the_relation, make_arena,
                                        free_arena),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
