#include "engine/server/session_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_refused_password_is_told_with_its_sqlstate_and_without_the_server_source(void **state)
{
    struct error error;

    (void)state;
    assert_false(server_error_from_connect("connection to server at \"db\" (10.0.0.1), port 5432 "
                                           "failed: FATAL:  28P01: password authentication failed "
                                           "for user \"joe\"\nLOCATION:  auth_failed, auth.c:338\n",
                                           &error));
    assert_int_equal(error.kind, ERROR_AUTHENTICATION);
    assert_string_equal(error.sqlstate, "28P01");
    assert_non_null(
        strstr(error.message, "FATAL: password authentication failed for user \"joe\""));
    assert_null(strstr(error.message, "LOCATION"));
    assert_null(strstr(error.message, "28P01"));
}

static void the_level_may_be_in_any_language(void **state)
{
    struct error error;

    (void)state;
    assert_false(server_error_from_connect("FATAL:  53300: zu viele Verbindungen\n", &error));
    assert_int_equal(error.kind, ERROR_CONNECTION);
    assert_string_equal(error.sqlstate, "53300");
    assert_false(server_error_from_connect("SCHWERWIEGEND:  28000: kein Eintrag\n", &error));
    assert_int_equal(error.kind, ERROR_AUTHENTICATION);
}

static void the_last_host_decides(void **state)
{
    struct error error;

    (void)state;
    assert_false(server_error_from_connect(
        "connection to server at \"a\" failed: FATAL:  57P03: the database system is "
        "starting up\nconnection to server at \"b\" failed: FATAL:  28P01: no\n",
        &error));
    assert_string_equal(error.sqlstate, "28P01");
}

static void a_server_that_is_not_there_has_no_sqlstate(void **state)
{
    struct error error;

    (void)state;
    assert_false(server_error_from_connect(
        "connection to server on socket \"/x/.s.PGSQL.5432\" failed: No such file\n\tIs "
        "the server running?\n",
        &error));
    assert_int_equal(error.kind, ERROR_CONNECTION);
    assert_string_equal(error.sqlstate, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_refused_password_is_told_with_its_sqlstate_and_without_the_server_source),
        cmocka_unit_test(the_level_may_be_in_any_language),
        cmocka_unit_test(the_last_host_decides),
        cmocka_unit_test(a_server_that_is_not_there_has_no_sqlstate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
