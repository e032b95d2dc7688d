#include "engine/archive/entry_type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_kind_is_found_by_its_own_name(void **state)
{
    (void)state;
    for (int type = 1; type < ENTRY_TYPE_COUNT; type++) {
        const char *desc = entry_type_facts((enum entry_type)type)->desc;
        assert_non_null(desc);
        assert_int_equal(entry_type_of(desc), type);
    }
}

static void the_kinds_stand_in_the_order_of_their_names(void **state)
{
    (void)state;
    for (int type = 2; type < ENTRY_TYPE_COUNT; type++)
        assert_true(strcmp(entry_type_facts((enum entry_type)(type - 1))->desc,
                           entry_type_facts((enum entry_type)type)->desc) < 0);
}

static void other_names_are_unknown(void **state)
{
    static const char *const names[] = {"", "table", "TABLES", "TABLE ", "PROPERTY GRAPH", "~"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(entry_type_of(names[i]), ENTRY_UNKNOWN);
    assert_int_equal(entry_type_facts(ENTRY_UNKNOWN)->owner_naming, OWNER_UNKNOWN);
}

static void owners_are_named_as_pg_restore_names_them(void **state)
{
    (void)state;
    assert_int_equal(entry_type_facts(ENTRY_TABLE)->owner_naming, OWNER_BY_NAME);
    assert_int_equal(entry_type_facts(ENTRY_FUNCTION)->owner_naming, OWNER_BY_DROP);
    assert_int_equal(entry_type_facts(ENTRY_BLOB)->owner_naming, OWNER_LARGE_OBJECT);
    assert_int_equal(entry_type_facts(ENTRY_BLOB_METADATA)->owner_naming, OWNER_LARGE_OBJECTS);
    assert_int_equal(entry_type_facts(ENTRY_INDEX)->owner_naming, OWNER_NONE);
}

static void three_kinds_are_session_state(void **state)
{
    int specials = 0;
    (void)state;
    for (int type = 0; type < ENTRY_TYPE_COUNT; type++)
        specials += entry_type_facts((enum entry_type)type)->is_special;
    assert_int_equal(specials, 3);
    assert_true(entry_type_facts(ENTRY_SEARCHPATH)->is_special);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_found_by_its_own_name),
        cmocka_unit_test(the_kinds_stand_in_the_order_of_their_names),
        cmocka_unit_test(other_names_are_unknown),
        cmocka_unit_test(owners_are_named_as_pg_restore_names_them),
        cmocka_unit_test(three_kinds_are_session_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
