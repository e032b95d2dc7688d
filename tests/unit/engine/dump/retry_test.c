#include "engine/dump/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct retry_facts reading = {.is_connected = true, .is_reading = true};
static const struct retry_facts beginning = {.is_connected = true, .is_reading = false};
static const struct retry_facts lost = {.is_connected = false, .is_reading = true};

static struct error make_error(enum error_kind kind, const char *sqlstate)
{
    struct error error = {.kind = kind, .message = "table public.t: it failed"};

    strcpy(error.sqlstate, sqlstate);
    return error;
}

static enum retry decide(const char *sqlstate, const struct retry_facts *facts)
{
    const struct error error = make_error(ERROR_SERVER, sqlstate);

    return retry_decide(&error, facts);
}

static void a_lost_session_is_no_reason_to_end(void **state)
{
    (void)state;
    assert_int_equal(decide("57P01", &lost), RETRY_AGAIN);
    assert_int_equal(decide("57P02", &lost), RETRY_AGAIN);
    assert_int_equal(decide("57P03", &lost), RETRY_AGAIN);
    assert_int_equal(decide("08006", &lost), RETRY_AGAIN);
    assert_int_equal(decide("", &lost), RETRY_AGAIN);
}

static void a_cancelled_statement_is_run_again(void **state)
{
    (void)state;
    assert_int_equal(decide("57014", &reading), RETRY_AGAIN);
}

static void a_deadlock_with_recovery_passes(void **state)
{
    (void)state;
    assert_int_equal(decide("40P01", &reading), RETRY_AGAIN);
    assert_int_equal(decide("40P01", &lost), RETRY_AGAIN);
}

static void what_will_not_go_away_is_not_tried_again(void **state)
{
    const struct error refused = make_error(ERROR_AUTHENTICATION, "");
    const struct error cancelled = make_error(ERROR_CANCELLED, "");

    (void)state;
    assert_int_equal(decide("42501", &reading), RETRY_NEVER);
    assert_int_equal(decide("42601", &reading), RETRY_NEVER);
    assert_int_equal(decide("40001", &reading), RETRY_NEVER);
    assert_int_equal(decide("57P04", &lost), RETRY_NEVER);
    assert_int_equal(decide("", &reading), RETRY_NEVER);
    assert_int_equal(retry_decide(&refused, &lost), RETRY_NEVER);
    assert_int_equal(retry_decide(&cancelled, &lost), RETRY_NEVER);
}

static void a_full_server_is_left_to_the_others(void **state)
{
    (void)state;
    assert_int_equal(decide("53300", &lost), RETRY_ELSEWHERE);
}

static void a_snapshot_that_is_gone_may_come_under_another_name(void **state)
{
    (void)state;
    assert_int_equal(decide("22023", &beginning), RETRY_ON_SNAPSHOT);
    assert_int_equal(decide("42704", &beginning), RETRY_ON_SNAPSHOT);
    assert_int_equal(decide("55000", &beginning), RETRY_ON_SNAPSHOT);
    assert_int_equal(decide("22023", &reading), RETRY_NEVER);
}

static void the_pauses_grow(void **state)
{
    (void)state;
    assert_int_equal(retry_pause_ms(1), 0);
    assert_true(retry_pause_ms(2) > 0);
    assert_true(retry_pause_ms(3) > retry_pause_ms(2));
    assert_int_equal(retry_pause_ms(100), retry_pause_ms(3));
}

static void giving_up_is_a_lost_connection_unless_it_was_a_limit(void **state)
{
    struct error unreachable = make_error(ERROR_CONNECTION, "");
    struct error cancelled = make_error(ERROR_TIMEOUT, "57014");

    (void)state;
    retry_give_up(&unreachable, 3);
    assert_int_equal(unreachable.kind, ERROR_SERVER);
    assert_string_equal(unreachable.message,
                        "3 attempts failed, the last: table public.t: it failed");
    retry_give_up(&cancelled, 3);
    assert_int_equal(cancelled.kind, ERROR_TIMEOUT);
}

static void a_conflict_with_recovery_has_a_way_out(void **state)
{
    static const char *const states[] = {"40001", "40P01"};
    struct error other = make_error(ERROR_PERMISSION, "42501");

    (void)state;
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        struct error conflict = make_error(ERROR_SERVER, states[i]);

        retry_explain(&conflict);
        assert_int_equal(conflict.kind, ERROR_TIMEOUT);
        assert_non_null(strstr(conflict.hint, "hot_standby_feedback"));
    }
    retry_explain(&other);
    assert_int_equal(other.kind, ERROR_PERMISSION);
    assert_string_equal(other.hint, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_session_is_no_reason_to_end),
        cmocka_unit_test(a_cancelled_statement_is_run_again),
        cmocka_unit_test(a_deadlock_with_recovery_passes),
        cmocka_unit_test(what_will_not_go_away_is_not_tried_again),
        cmocka_unit_test(a_full_server_is_left_to_the_others),
        cmocka_unit_test(a_snapshot_that_is_gone_may_come_under_another_name),
        cmocka_unit_test(the_pauses_grow),
        cmocka_unit_test(giving_up_is_a_lost_connection_unless_it_was_a_limit),
        cmocka_unit_test(a_conflict_with_recovery_has_a_way_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
