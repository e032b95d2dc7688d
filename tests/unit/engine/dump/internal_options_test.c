#include "engine/dump/internal_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_strips(const char *definition, const char *expected)
{
    struct text text;

    text_init(&text, TEXT_MAXIMUM);
    assert_true(internal_options_strip(&text, definition));
    assert_string_equal(text.data, expected);
    text_clear(&text);
}

static void internal_options_drops_a_statement_that_sets_nothing_else(void **state)
{
    (void)state;
    assert_strips("CREATE TABLE public.x (\n    a integer\n);\n"
                  "ALTER TABLE ONLY public.x ALTER COLUMN a SET (pg_attver=22422560);\n",
                  "CREATE TABLE public.x (\n    a integer\n);\n");
}

static void internal_options_keeps_the_options_of_the_user(void **state)
{
    (void)state;
    assert_strips("ALTER TABLE ONLY public.x ALTER COLUMN a SET (pg_attver=1, n_distinct=5);\n",
                  "ALTER TABLE ONLY public.x ALTER COLUMN a SET (n_distinct=5);\n");
    assert_strips("ALTER TABLE ONLY public.x ALTER COLUMN a SET (n_distinct=5, pg_attver=1);\n",
                  "ALTER TABLE ONLY public.x ALTER COLUMN a SET (n_distinct=5);\n");
}

static void internal_options_leaves_quoted_text_alone(void **state)
{
    static const char odd[] = "CREATE TABLE public.x (\n    a text DEFAULT 'x;\n"
                              "ALTER TABLE y ALTER COLUMN a SET (pg_attver=1);\n'::text\n);\n";

    (void)state;
    assert_strips(odd, odd);
}

static void internal_options_finds_the_list_behind_any_name(void **state)
{
    (void)state;
    assert_strips("ALTER TABLE ONLY public.x ALTER COLUMN \"a SET (b; c\" SET (pg_attver=1);\n",
                  "");
    assert_strips("CREATE VIEW v AS\n SELECT 'pg_attver=1'::text;\n\n\n",
                  "CREATE VIEW v AS\n SELECT 'pg_attver=1'::text;\n\n\n");
}

static void internal_options_leaves_a_statement_of_another_form_alone(void **state)
{
    static const char open[] = "ALTER TABLE x ALTER COLUMN a SET (n_distinct=5, pg_attver=1";

    (void)state;
    assert_strips(open, open);
}

static void internal_options_says_when_there_are_none(void **state)
{
    struct text text;

    (void)state;
    text_init(&text, TEXT_MAXIMUM);
    assert_false(internal_options_strip(&text, "CREATE TABLE public.x (\n    a integer\n);\n"));
    assert_int_equal(text.length_bytes, 0);
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(internal_options_drops_a_statement_that_sets_nothing_else),
        cmocka_unit_test(internal_options_keeps_the_options_of_the_user),
        cmocka_unit_test(internal_options_leaves_quoted_text_alone),
        cmocka_unit_test(internal_options_finds_the_list_behind_any_name),
        cmocka_unit_test(internal_options_leaves_a_statement_of_another_form_alone),
        cmocka_unit_test(internal_options_says_when_there_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
