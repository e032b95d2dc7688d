#include "engine/base/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void error_set_fills_everything_anew(void **state)
{
    struct error error = {.os_errno = EIO, .sqlstate = "42P01", .hint = "Old."};

    (void)state;
    assert_false(error_set(&error, ERROR_USAGE, "no such option \"%s\"", "--x"));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_string_equal(error.message, "no such option \"--x\"");
    assert_int_equal(error.os_errno, 0);
    assert_string_equal(error.sqlstate, "");
    assert_string_equal(error.hint, "");
}

static void error_set_may_quote_its_own_message(void **state)
{
    struct error error;

    (void)state;
    error_set(&error, ERROR_IO, "inner");
    error_set(&error, ERROR_SERVER, "outer: %s", error.message);
    assert_string_equal(error.message, "outer: inner");
}

static void error_set_os_names_the_cause_and_takes_the_kind_from_it(void **state)
{
    static const struct {
        int os_errno;
        enum error_kind kind;
    } cases[] = {{EIO, ERROR_IO},          {ENOENT, ERROR_IO},       {ENOSPC, ERROR_NO_SPACE},
                 {EDQUOT, ERROR_NO_SPACE}, {ENOMEM, ERROR_RESOURCE}, {EMFILE, ERROR_RESOURCE},
                 {ENFILE, ERROR_RESOURCE}};
    struct error error;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_false(error_set_os(&error, cases[i].os_errno, "could not write \"%s\"", "a.dat"));
        assert_int_equal(error.kind, cases[i].kind);
        assert_int_equal(error.os_errno, cases[i].os_errno);
    }
    error_set_os(&error, ENOSPC, "could not write \"%s\"", "a.dat");
    assert_string_equal(error.message, "could not write \"a.dat\": No space left on device");
}

static void error_set_os_keeps_the_cause_of_a_long_message(void **state)
{
    struct error error;
    char name[4000];

    (void)state;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    error_set_os(&error, ENOSPC, "could not write \"%s\"", name);
    assert_non_null(strstr(error.message, "No space left on device"));
}

static void error_prefix_adds_what_the_caller_knows(void **state)
{
    struct error error;

    (void)state;
    error_set(&error, ERROR_SERVER, "connection lost");
    error.os_errno = 5;
    error_prefix(&error, "table %s.%s", "public", "orders");
    assert_string_equal(error.message, "table public.orders: connection lost");
    assert_int_equal(error.kind, ERROR_SERVER);
    assert_int_equal(error.os_errno, 5);
}

static void error_cuts_long_messages_between_characters(void **state)
{
    struct error error;
    char name[2000];

    (void)state;
    /* Both parities, so that one of them is cut inside of an "é". */
    for (size_t start = 0; start < 2; start++) {
        memset(name, 'x', start);
        for (size_t i = start; i + 2 < sizeof name; i += 2)
            memcpy(name + i, "\xC3\xA9", 3);
        error_set(&error, ERROR_USAGE, "%s", name);
        size_t length = strlen(error.message);
        assert_true(length >= sizeof error.message - 3);
        assert_int_equal((unsigned char)error.message[length - 1], 0xA9);
        error_prefix(&error, "p");
        length = strlen(error.message);
        assert_int_equal((unsigned char)error.message[length - 1], 0xA9);
    }
}

static void error_hint_is_a_text_of_its_own(void **state)
{
    struct error error;

    (void)state;
    error_set(&error, ERROR_VERSION, "too old");
    error_hint(&error, "Install %s.", "postgresql-client-18");
    assert_string_equal(error.hint, "Install postgresql-client-18.");
    assert_string_equal(error.message, "too old");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_set_fills_everything_anew),
        cmocka_unit_test(error_set_may_quote_its_own_message),
        cmocka_unit_test(error_set_os_names_the_cause_and_takes_the_kind_from_it),
        cmocka_unit_test(error_set_os_keeps_the_cause_of_a_long_message),
        cmocka_unit_test(error_prefix_adds_what_the_caller_knows),
        cmocka_unit_test(error_cuts_long_messages_between_characters),
        cmocka_unit_test(error_hint_is_a_text_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
