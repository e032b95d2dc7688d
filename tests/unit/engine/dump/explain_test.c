#include "engine/dump/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct error explain(enum error_kind kind, const char *hint, struct counters *counters)
{
    const struct connection_words words = {.database = "shop", .host = "db1", .port = "5433"};
    struct connection *connection = connection_create(&words);
    struct error error;

    error_set(&error, kind, "it failed");
    error_hint(&error, "%s", hint);
    explain_failure(&error, connection, counters);
    connection_free(connection);
    return error;
}

static void a_server_that_fails_is_named_with_how_far_the_dump_had_come(void **state)
{
    struct counters counters = {0};

    (void)state;
    assert_string_equal(explain(ERROR_SERVER, "", &counters).hint,
                        "The server was \"db1\", port 5433, database \"shop\".");
    counter_set(&counters.entries_total, 40);
    counter_set(&counters.entries_done, 12);
    assert_string_equal(explain(ERROR_SERVER, "", &counters).hint,
                        "The server was \"db1\", port 5433, database \"shop\". 12 of 40 tables and "
                        "large objects had been read; nothing of them is kept.");
}

static void what_has_a_hint_or_is_no_fault_of_the_server_stays_as_it_is(void **state)
{
    struct counters counters = {0};

    (void)state;
    assert_string_equal(explain(ERROR_SERVER, "Do this.", &counters).hint, "Do this.");
    assert_string_equal(explain(ERROR_IO, "", &counters).hint, "");
}

static void what_is_needed_is_reckoned_by_what_has_been_written(void **state)
{
    struct counters counters = {0};

    (void)state;
    assert_int_equal(explain_needed_bytes(&counters), 0);
    counter_set(&counters.raw_bytes_total, 1000);
    counter_set(&counters.raw_bytes_done, 200);
    counter_set(&counters.stored_bytes_done, 50);
    assert_int_equal(explain_needed_bytes(&counters), 200);
    counter_set(&counters.raw_bytes_done, 1001);
    assert_int_equal(explain_needed_bytes(&counters), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_fails_is_named_with_how_far_the_dump_had_come),
        cmocka_unit_test(what_has_a_hint_or_is_no_fault_of_the_server_stays_as_it_is),
        cmocka_unit_test(what_is_needed_is_reckoned_by_what_has_been_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
