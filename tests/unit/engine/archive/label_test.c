#include "engine/archive/label.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void an_entry_is_named_by_its_kind_schema_and_tag(void **state)
{
    const struct toc_entry entry = {.desc = "TABLE", .schema = "public", .tag = "orders"};
    char label[LABEL_BYTES];

    (void)state;
    label_entry(label, &entry);
    assert_string_equal(label, "TABLE public.orders");
    label_name(label, &entry);
    assert_string_equal(label, "public.orders");
}

static void what_has_no_schema_goes_without(void **state)
{
    const struct toc_entry entry = {.desc = "SCHEMA", .schema = "", .tag = "sales"};
    char label[LABEL_BYTES];

    (void)state;
    label_entry(label, &entry);
    assert_string_equal(label, "SCHEMA sales");
}

static void a_name_cannot_steer_a_terminal(void **state)
{
    const struct toc_entry entry = {.desc = "TABLE", .tag = "a\n\033[2Jb"};
    char label[LABEL_BYTES];

    (void)state;
    label_entry(label, &entry);
    assert_null(strchr(label, '\n'));
    assert_null(strchr(label, '\033'));
}

static void long_names_are_cut(void **state)
{
    char tag[1000], label[LABEL_BYTES];
    const struct toc_entry entry = {.desc = "FUNCTION", .tag = tag};

    (void)state;
    memset(tag, 'x', sizeof tag);
    tag[sizeof tag - 1] = '\0';
    label_entry(label, &entry);
    assert_true(strlen(label) < LABEL_BYTES);
    assert_int_equal(strncmp(label, "FUNCTION xxxx", 13), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_named_by_its_kind_schema_and_tag),
        cmocka_unit_test(what_has_no_schema_goes_without),
        cmocka_unit_test(a_name_cannot_steer_a_terminal),
        cmocka_unit_test(long_names_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
