#include "engine/archive/copy_statement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_span(struct span span, const char *expected)
{
    assert_int_equal(span.length, strlen(expected));
    assert_memory_equal(span.data, expected, span.length);
}

static void expect_parts(const char *text, const char *relation, const char *columns,
                         bool is_binary)
{
    struct copy_statement parts;
    struct error error;
    if (!copy_statement_parse(text, &parts, &error))
        fail_msg("%s: %s", text, error.message);
    assert_span(parts.relation, relation);
    assert_span(parts.columns, columns);
    assert_int_equal(parts.is_binary, is_binary);
}

static void the_parts_of_what_pg_dump_writes_are_found(void **state)
{
    (void)state;
    expect_parts("COPY public.orders (id, total) FROM stdin;\n", "public.orders", "(id, total)",
                 false);
    expect_parts("COPY public.nothing  FROM stdin;\n", "public.nothing", "", false);
    expect_parts("COPY  public.orders (id) FROM stdin;\n", "public.orders", "(id)", false);
    expect_parts("COPY orders (id) FROM stdin;\n", "orders", "(id)", false);
}

static void names_may_hold_anything(void **state)
{
    (void)state;
    expect_parts("COPY \"a.b\".\"t (x) FROM stdin;\" (\"c)\", \"d\"\"e\", \"f,g\") FROM stdin;\n",
                 "\"a.b\".\"t (x) FROM stdin;\"", "(\"c)\", \"d\"\"e\", \"f,g\")", false);
    expect_parts("COPY \"s\".\"line\nbreak\" (\"\xc3\xa9\", \xc3\xa9) FROM stdin;\n",
                 "\"s\".\"line\nbreak\"", "(\"\xc3\xa9\", \xc3\xa9)", false);
}

static void binary_is_seen_in_both_spellings(void **state)
{
    (void)state;
    expect_parts("COPY s.t (a) FROM stdin WITH (FORMAT binary);\n", "s.t", "(a)", true);
    expect_parts("COPY s.t (a) FROM stdin (FORMAT binary);\n", "s.t", "(a)", true);
}

static void expect_frozen(const char *text, const char *expected)
{
    struct copy_statement parts;
    struct arena *arena = arena_create();
    struct error error;

    assert_true(copy_statement_parse(text, &parts, &error));
    assert_string_equal(copy_statement_frozen(arena, &parts), expected);
    arena_free(arena);
}

static void a_frozen_copy_is_the_same_but_for_that(void **state)
{
    (void)state;
    expect_frozen("COPY s.t (a, \"b)\") FROM stdin;\n",
                  "COPY s.t (a, \"b)\") FROM stdin WITH (FREEZE);");
    expect_frozen("COPY s.t  FROM stdin;\n", "COPY s.t  FROM stdin WITH (FREEZE);");
    expect_frozen("COPY s.t (a) FROM stdin (FORMAT binary);\n",
                  "COPY s.t (a) FROM stdin WITH (FREEZE, FORMAT binary);");
}

static void expect_binary(const char *text, const char *expected)
{
    struct copy_statement parts;
    struct arena *arena = arena_create();
    struct error error;

    assert_true(copy_statement_parse(text, &parts, &error));
    assert_string_equal(copy_statement_binary(arena, &parts), expected);
    assert_true(copy_statement_parse(expected, &parts, &error));
    assert_true(parts.is_binary);
    arena_free(arena);
}

static void a_binary_copy_is_the_same_but_for_that(void **state)
{
    (void)state;
    expect_binary("COPY s.t (a, \"b)\") FROM stdin;\n",
                  "COPY s.t (a, \"b)\") FROM stdin WITH (FORMAT binary);\n");
    expect_binary("COPY s.t  FROM stdin;\n", "COPY s.t  FROM stdin WITH (FORMAT binary);\n");
}

static void other_texts_are_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "COPY",
                                      "COPY ",
                                      "COPY s.t (a) FROM stdin",
                                      "COPY s.t (a) FROM PROGRAM 'x';",
                                      "COPY s.t (a) FROM stdin; DROP TABLE s.t;",
                                      "COPY s.t (a FROM stdin;",
                                      "COPY s.t () FROM stdin;",
                                      "COPY s. (a) FROM stdin;",
                                      "COPY \"s.t (a) FROM stdin;",
                                      "COPY s.t (a) TO stdout;",
                                      "copy s.t (a) from stdin;",
                                      "COPY s.t (a) FROM stdin WITH OIDS;",
                                      "INSERT INTO s.t VALUES (1);"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct copy_statement parts;
        struct error error;
        if (copy_statement_parse(bad[i], &parts, &error))
            fail_msg("%s", bad[i]);
        assert_int_equal(error.kind, ERROR_DAMAGED);
    }
}

static bool is_via_root(const char *definition, const char *copy)
{
    const struct toc_entry entry = {.definition = definition, .copy_statement = copy};
    return copy_statement_is_via_root(&entry, "s.t");
}

static void via_root_is_what_the_stock_tools_take_for_it(void **state)
{
    (void)state;
    assert_false(is_via_root(NULL, "COPY s.t (a) FROM stdin;\n"));
    assert_false(is_via_root("", "COPY s.t (a) FROM stdin;\n"));
    assert_false(is_via_root(NULL, NULL));
    assert_false(is_via_root(NULL, ""));
    assert_true(is_via_root("-- load via partition root s.root", "COPY s.t (a) FROM stdin;\n"));
    assert_true(is_via_root("-- load via partition root ", NULL));
    assert_false(is_via_root("-- load via partition root", "COPY s.t (a) FROM stdin;\n"));
    assert_true(is_via_root(NULL, "COPY s.root (a) FROM stdin;\n"));
    assert_true(is_via_root(NULL, "COPY  s.t (a) FROM stdin;\n"));
    assert_true(is_via_root(NULL, "COPY s.tt (a) FROM stdin;\n"));
    assert_true(is_via_root(NULL, "COPY s.t"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_of_what_pg_dump_writes_are_found),
        cmocka_unit_test(names_may_hold_anything),
        cmocka_unit_test(binary_is_seen_in_both_spellings),
        cmocka_unit_test(a_frozen_copy_is_the_same_but_for_that),
        cmocka_unit_test(a_binary_copy_is_the_same_but_for_that),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(via_root_is_what_the_stock_tools_take_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
