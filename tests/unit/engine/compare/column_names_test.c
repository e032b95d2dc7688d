#include "engine/compare/column_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct span span_of(const char *text)
{
    return (struct span){(const unsigned char *)text, strlen(text)};
}

static void names_lose_their_quotes(void **state)
{
    struct arena *arena = arena_create();
    struct column_names names =
        column_names_read(arena, span_of("(a, \"B, c)\", \"say \"\"x\"\"\", d_1)"));

    (void)state;
    assert_int_equal(names.count, 4);
    assert_string_equal(names.items[0], "a");
    assert_string_equal(names.items[1], "B, c)");
    assert_string_equal(names.items[2], "say \"x\"");
    assert_string_equal(names.items[3], "d_1");
    arena_free(arena);
}

static void what_is_no_list_has_no_names(void **state)
{
    struct arena *arena = arena_create();

    (void)state;
    assert_int_equal(column_names_read(arena, span_of("")).count, 0);
    assert_int_equal(column_names_read(arena, span_of("a, b")).count, 0);
    assert_int_equal(column_names_read(arena, span_of("()")).count, 0);
    arena_free(arena);
}

static void the_first_that_is_lacking_is_named(void **state)
{
    struct arena *arena = arena_create();
    struct column_names few = column_names_read(arena, span_of("(a, c)"));
    struct column_names many = column_names_read(arena, span_of("(c, \"b\", a)"));

    (void)state;
    assert_null(column_names_first_lacking(&few, &many));
    assert_string_equal(column_names_first_lacking(&many, &few), "b");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lose_their_quotes),
        cmocka_unit_test(what_is_no_list_has_no_names),
        cmocka_unit_test(the_first_that_is_lacking_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
