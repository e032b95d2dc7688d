#include "cli/secrets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void a_plain_name_holds_no_password(void **state)
{
    (void)state;
    assert_false(secrets_may_hold_password("shop"));
    assert_false(secrets_may_hold_password("password"));
    assert_false(secrets_may_hold_password("host=/tmp dbname=shop"));
    assert_false(secrets_may_hold_password("postgresql://alice@db.example/shop"));
    assert_false(secrets_may_hold_password("postgres://db.example:5433/shop"));
}

static void every_way_to_spell_a_password_is_seen(void **state)
{
    (void)state;
    assert_true(secrets_may_hold_password("host=/tmp password=geheim"));
    assert_true(secrets_may_hold_password("password = 'ge heim' dbname=shop"));
    assert_true(secrets_may_hold_password("sslpassword=geheim"));
    assert_true(secrets_may_hold_password("postgresql://alice:geheim@db.example/shop"));
    assert_true(secrets_may_hold_password("postgres://alice:geheim@/shop"));
    assert_true(secrets_may_hold_password("postgresql:///shop?password=geheim"));
    assert_true(secrets_may_hold_password("postgresql:///shop?pass%77ord=geheim"));
    assert_true(secrets_may_hold_password("dbname=shop scram_client_key=geheim"));
}

static void a_warning_comes_only_where_a_password_is_seen(void **state)
{
    (void)state;
    assert_true(secrets_shows_password("host=/tmp password=geheim"));
    assert_true(secrets_shows_password("postgresql://alice:geheim@db.example/shop"));
    assert_true(secrets_shows_password("postgresql:///shop?password=geheim"));
    assert_false(secrets_shows_password("postgresql://alice@db.example:5433/shop?sslmode=require"));
    assert_false(secrets_shows_password("password"));
    assert_false(secrets_shows_password("dbname=shop"));
}

static void taking_a_secret_wipes_the_word_it_came_from(void **state)
{
    (void)state;
    char word[] = "host=/tmp password=geheim";
    char *taken = secrets_take_text(word);

    assert_string_equal(taken, "host=/tmp password=geheim");
    assert_int_equal(strspn(word, "*"), strlen("host=/tmp password=geheim"));
    secrets_free_text(taken);
}

static void taking_what_is_no_secret_leaves_the_word(void **state)
{
    (void)state;
    char word[] = "dbname=shop";
    char *taken = secrets_take_text(word);

    assert_string_equal(taken, "dbname=shop");
    assert_string_equal(word, "dbname=shop");
    secrets_free_text(taken);
    secrets_free_text(NULL);
}

static void taking_a_variable_removes_it_from_the_environment(void **state)
{
    (void)state;
    char setting[] = "PGFAST_TEST_SECRET=geheim";

    assert_int_equal(putenv(setting), 0);
    char *taken = secrets_take_variable("PGFAST_TEST_SECRET");
    assert_string_equal(taken, "geheim");
    assert_null(getenv("PGFAST_TEST_SECRET"));
    assert_string_equal(setting, "PGFAST_TEST_SECRET=");
    assert_null(secrets_take_variable("PGFAST_TEST_SECRET"));
    secrets_free_text(taken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_warning_comes_only_where_a_password_is_seen),
        cmocka_unit_test(a_plain_name_holds_no_password),
        cmocka_unit_test(every_way_to_spell_a_password_is_seen),
        cmocka_unit_test(taking_a_secret_wipes_the_word_it_came_from),
        cmocka_unit_test(taking_a_variable_removes_it_from_the_environment),
        cmocka_unit_test(taking_what_is_no_secret_leaves_the_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
