#include "engine/restore/hint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct error failure(const char *sqlstate, const char *message)
{
    struct error error = {.kind = ERROR_SERVER};

    snprintf(error.sqlstate, sizeof error.sqlstate, "%s", sqlstate);
    snprintf(error.message, sizeof error.message, "%s", message);
    return error;
}

static void a_missing_role_leads_to_no_owner(void **state)
{
    struct error error = failure("42704", "role \"anna\" does not exist");

    (void)state;
    hint_add(&error, NULL, HINT_WITHOUT_CLEAN);
    assert_non_null(strstr(error.hint, "--no-owner"));
}

static void a_missing_role_of_a_policy_is_no_owner(void **state)
{
    struct toc_entry policy = {.type = ENTRY_POLICY};
    struct error error = failure("42704", "role \"anna\" does not exist");

    (void)state;
    hint_add(&error, &policy, HINT_WITHOUT_CLEAN);
    assert_non_null(strstr(error.hint, "--no-policies"));
    assert_null(strstr(error.hint, "--no-owner"));
}

static void a_missing_tablespace_leads_to_no_tablespaces(void **state)
{
    struct error error = failure("42704", "tablespace \"fast\" does not exist");

    (void)state;
    hint_add(&error, NULL, HINT_WITHOUT_CLEAN);
    assert_non_null(strstr(error.hint, "--no-tablespaces"));
}

/* pg_dump names a table's in a setting, and not in its statement. */
static void a_default_that_is_not_there_leads_to_doing_without(void **state)
{
    struct error space =
        failure("22023", "invalid value for parameter \"default_tablespace\": \"x\"");
    struct error method =
        failure("22023", "invalid value for parameter \"default_table_access_method\": \"x\"");

    (void)state;
    hint_add(&space, NULL, HINT_WITHOUT_CLEAN);
    assert_non_null(strstr(space.hint, "--no-tablespaces"));
    hint_add(&method, NULL, HINT_WITHOUT_CLEAN);
    assert_non_null(strstr(method.hint, "--no-table-access-method"));
}

static void advice_for_one_kind_of_entry_is_not_given_for_others(void **state)
{
    struct toc_entry extension = {.type = ENTRY_EXTENSION}, view = {.type = ENTRY_VIEW};
    struct error error = failure("0A000", "extension \"postgis\" is not available");

    (void)state;
    hint_add(&error, &view, HINT_WITHOUT_CLEAN);
    assert_string_equal(error.hint, "");
    hint_add(&error, &extension, HINT_WITHOUT_CLEAN);
    assert_non_null(strstr(error.hint, "package"));
}

static void clean_is_no_way_out_where_it_was_tried(void **state)
{
    static const char *const exists[] = {"42P04", "42P06", "42P07", "42710", "42723"};

    (void)state;
    for (size_t i = 0; i < sizeof exists / sizeof exists[0]; i++) {
        struct error before = failure(exists[i], "it already exists");
        struct error after = before;

        hint_add(&before, NULL, HINT_WITHOUT_CLEAN);
        assert_non_null(strstr(before.hint, "use --clean"));
        hint_add(&after, NULL, HINT_AFTER_CLEAN);
        assert_non_null(strstr(after.hint, "--clean could not drop"));
        assert_null(strstr(after.hint, "use --clean"));
    }
}

static void the_servers_own_hint_stays(void **state)
{
    struct error error = failure("42P07", "relation \"t\" already exists");

    (void)state;
    snprintf(error.hint, sizeof error.hint, "Look.");
    hint_add(&error, NULL, HINT_WITHOUT_CLEAN);
    assert_string_equal(error.hint, "Look.");
}

static void what_is_unknown_gets_no_advice(void **state)
{
    struct error error = failure("", "something broke");

    (void)state;
    hint_add(&error, NULL, HINT_WITHOUT_CLEAN);
    assert_string_equal(error.hint, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_role_leads_to_no_owner),
        cmocka_unit_test(a_missing_role_of_a_policy_is_no_owner),
        cmocka_unit_test(a_missing_tablespace_leads_to_no_tablespaces),
        cmocka_unit_test(a_default_that_is_not_there_leads_to_doing_without),
        cmocka_unit_test(advice_for_one_kind_of_entry_is_not_given_for_others),
        cmocka_unit_test(clean_is_no_way_out_where_it_was_tried),
        cmocka_unit_test(the_servers_own_hint_stays),
        cmocka_unit_test(what_is_unknown_gets_no_advice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
