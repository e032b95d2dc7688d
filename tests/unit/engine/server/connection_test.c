#include "engine/server/connection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_database_comes_last_so_that_what_it_says_wins(void **state)
{
    const struct connection_words words = {.database = "host=b port=1", .host = "a", .user = "joe"};
    struct connection *connection = connection_create(&words);

    (void)state;
    assert_string_equal(connection->keywords[connection->count - 1], "dbname");
    assert_true(connection->expands_database);
    assert_null(connection->keywords[connection->count]);
    assert_null(connection_value(connection, "password"));
    connection_free(connection);
}

static void a_dead_peer_is_noticed_unless_a_service_file_decides(void **state)
{
    const struct connection_words plain = {.database = "db"},
                                  service = {.database = "service=night"};
    struct connection *careful = connection_create(&plain), *trusting = connection_create(&service);

    (void)state;
    assert_string_equal(connection_value(careful, "keepalives_idle"), "30");
    assert_string_equal(connection_value(careful, "keepalives_interval"), "10");
    assert_string_equal(connection_value(careful, "keepalives_count"), "3");
    assert_string_equal(connection_value(careful, "tcp_user_timeout"), "60000");
    assert_null(connection_value(trusting, "keepalives_idle"));
    connection_free(careful);
    connection_free(trusting);
}

static void another_database_is_taken_literally(void **state)
{
    const struct connection_words words = {.database = "host=b dbname=c", .user = "joe"};
    struct connection *connection = connection_create(&words);
    struct connection *other = connection_to_database(connection, "a=b c");

    (void)state;
    assert_false(other->expands_database);
    assert_string_equal(connection_value(other, "dbname"), "a=b c");
    assert_string_equal(connection_value(other, "user"), "joe");
    connection_free(connection);
    connection_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_database_comes_last_so_that_what_it_says_wins),
        cmocka_unit_test(a_dead_peer_is_noticed_unless_a_service_file_decides),
        cmocka_unit_test(another_database_is_taken_literally),
    };

    unsetenv("PGSERVICE");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
