#include "engine/base/name_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void an_empty_set_has_nothing(void **state)
{
    struct name_set set = {.items = NULL};

    (void)state;
    name_set_seal(&set);
    assert_false(name_set_has(&set, ""));
    assert_int_equal(set.count, 0);
}

static void each_name_is_there_once_and_in_order(void **state)
{
    static const char *const names[] = {"b", "a", "a", "b", "", "c", "b"};
    static const char *const sorted[] = {"", "a", "b", "c"};
    struct name_set set = {.items = NULL};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        name_set_add(&set, names[i]);
    name_set_seal(&set);
    assert_int_equal(set.count, 4);
    for (size_t i = 0; i < set.count; i++)
        assert_string_equal(set.items[i], sorted[i]);
    assert_true(name_set_has(&set, "c"));
    assert_false(name_set_has(&set, "A"));
    name_set_clear(&set);
    assert_int_equal(set.count, 0);
}

static void names_are_printed_until_the_text_is_long_enough(void **state)
{
    static const char *const names[] = {"b", "a\n", "c", "d"};
    struct name_set set = {.items = NULL};
    struct text text;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        name_set_add(&set, names[i]);
    name_set_seal(&set);
    text_init(&text, 1000);
    name_set_print(&set, &text, "\"", 1000);
    assert_string_equal(text.data, "\"a\\x0a\", \"b\", \"c\", \"d\"");
    text_truncate(&text, 0);
    name_set_print(&set, &text, "", 8);
    assert_string_equal(text.data, "a\\x0a, b and 2 more");
    text_clear(&text);
    name_set_clear(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_set_has_nothing),
        cmocka_unit_test(names_are_printed_until_the_text_is_long_enough),
        cmocka_unit_test(each_name_is_there_once_and_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
