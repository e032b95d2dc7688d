#include "engine/schema/binary_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum {
    INTEGER = 23,
    TEXT = 25,
    MONEY = 790,
    REGCLASS = 2205,
    TEXTS = 1009,
    RANGE_OF_INTEGER = 3904,
    RANGES_OF_INTEGER = 3905,
    LABEL = 16385,
    LABELS,
    DOMAIN_OF_TEXT,
    DOMAINS_OF_TEXT,
    DOMAIN_OF_DOMAIN,
    DOMAIN_OF_TEXTS,
    DOMAIN_OF_LABELS,
    PAIR,
    PAIRS,
    DOMAIN_OF_PAIR,
    RANGE_OF_DOMAIN,
    RANGES_OF_DOMAIN,
    MULTIRANGE_OF_DOMAIN,
    RANGE_OF_PAIR,
    MULTIRANGE_OF_PAIR,
    GEOMETRY,
    ITSELF
};

/* As schema/queries/column_types.sql tells them. */
static const struct type items[] = {
    {INTEGER, TYPE_BASE, 0},
    {TEXT, TYPE_BASE, 0},
    {MONEY, TYPE_BASE, 0},
    {TEXTS, TYPE_ARRAY, TEXT},
    {REGCLASS, TYPE_BASE, 0},
    {RANGE_OF_INTEGER, TYPE_RANGE, INTEGER},
    {RANGES_OF_INTEGER, TYPE_ARRAY, RANGE_OF_INTEGER},
    {LABEL, TYPE_ENUM, 0},
    {LABELS, TYPE_ARRAY, LABEL},
    {DOMAIN_OF_TEXT, TYPE_DOMAIN, TEXT},
    {DOMAINS_OF_TEXT, TYPE_ARRAY, DOMAIN_OF_TEXT},
    {DOMAIN_OF_DOMAIN, TYPE_DOMAIN, DOMAIN_OF_TEXT},
    {DOMAIN_OF_TEXTS, TYPE_DOMAIN, TEXTS},
    {DOMAIN_OF_LABELS, TYPE_DOMAIN, LABELS},
    {PAIR, TYPE_COMPOSITE, 0},
    {PAIRS, TYPE_ARRAY, PAIR},
    {DOMAIN_OF_PAIR, TYPE_DOMAIN, PAIR},
    {RANGE_OF_DOMAIN, TYPE_RANGE, DOMAIN_OF_TEXT},
    {RANGES_OF_DOMAIN, TYPE_ARRAY, RANGE_OF_DOMAIN},
    {MULTIRANGE_OF_DOMAIN, TYPE_MULTIRANGE, RANGE_OF_DOMAIN},
    {RANGE_OF_PAIR, TYPE_RANGE, PAIR},
    {MULTIRANGE_OF_PAIR, TYPE_MULTIRANGE, RANGE_OF_PAIR},
    {GEOMETRY, TYPE_BASE, 0},
    {ITSELF, TYPE_DOMAIN, ITSELF},
};
static const struct types types = {items, sizeof items / sizeof items[0]};

static void assert_portable(uint32_t oid)
{
    assert_true(binary_form_is_portable(&types, oid));
}

static void assert_not_portable(uint32_t oid)
{
    assert_false(binary_form_is_portable(&types, oid));
}

static void listed_types_are_portable_whatever_else_is_known(void **state)
{
    const struct types nothing = {NULL, 0};

    (void)state;
    assert_portable(INTEGER);
    assert_true(binary_form_is_portable(&nothing, TEXT));
}

static void types_that_are_not_listed_are_not(void **state)
{
    (void)state;
    assert_not_portable(MONEY);
    assert_not_portable(REGCLASS);
    assert_not_portable(GEOMETRY);
    assert_not_portable(0);
    assert_not_portable(4711);
}

static void an_array_begins_with_the_oid_of_its_elements(void **state)
{
    (void)state;
    assert_portable(TEXTS);
    assert_portable(RANGES_OF_INTEGER);
    assert_not_portable(LABELS);
    assert_not_portable(DOMAINS_OF_TEXT);
    assert_not_portable(RANGES_OF_DOMAIN);
    assert_not_portable(PAIRS);
}

static void a_label_is_text(void **state)
{
    (void)state;
    assert_portable(LABEL);
}

static void a_domain_is_what_it_is_made_of(void **state)
{
    (void)state;
    assert_portable(DOMAIN_OF_TEXT);
    assert_portable(DOMAIN_OF_DOMAIN);
    assert_portable(DOMAIN_OF_TEXTS);
    assert_not_portable(DOMAIN_OF_LABELS);
    assert_not_portable(DOMAIN_OF_PAIR);
}

static void a_row_tells_the_oids_of_its_columns(void **state)
{
    (void)state;
    assert_not_portable(PAIR);
}

static void a_range_is_as_its_bounds(void **state)
{
    (void)state;
    assert_portable(RANGE_OF_INTEGER);
    assert_portable(RANGE_OF_DOMAIN);
    assert_portable(MULTIRANGE_OF_DOMAIN);
    assert_not_portable(RANGE_OF_PAIR);
    assert_not_portable(MULTIRANGE_OF_PAIR);
}

static void types_that_are_made_of_themselves_end(void **state)
{
    (void)state;
    assert_not_portable(ITSELF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listed_types_are_portable_whatever_else_is_known),
        cmocka_unit_test(types_that_are_not_listed_are_not),
        cmocka_unit_test(an_array_begins_with_the_oid_of_its_elements),
        cmocka_unit_test(a_label_is_text),
        cmocka_unit_test(a_domain_is_what_it_is_made_of),
        cmocka_unit_test(a_row_tells_the_oids_of_its_columns),
        cmocka_unit_test(a_range_is_as_its_bounds),
        cmocka_unit_test(types_that_are_made_of_themselves_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
