#include "engine/server/stall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define S UINT64_C(1000000)

static enum stall_kind judge(const char *type, const char *event)
{
    const struct stall_facts facts = {.is_answered = true,
                                      .is_there = true,
                                      .wait_event_type = type,
                                      .wait_event = event,
                                      .blockers = ""};

    return stall_judge(&facts);
}

static void work_is_told_from_waiting(void **state)
{
    (void)state;
    assert_int_equal(judge("", ""), STALL_WORKING);
    assert_int_equal(judge("IO", "DataFileRead"), STALL_WORKING);
    assert_int_equal(judge("LWLock", "WALWrite"), STALL_WORKING);
    assert_int_equal(judge("IPC", "ParallelCreateIndexScan"), STALL_WORKING);
    assert_int_equal(judge("IPC", "SyncRep"), STALL_WAITING);
    assert_int_equal(judge("Lock", "relation"), STALL_WAITING);
    assert_int_equal(judge("Client", "ClientRead"), STALL_WAITING);
    assert_int_equal(judge("Timeout", "PgSleep"), STALL_WAITING);
}

static void who_does_not_answer_is_told_from_who_knows_of_no_session(void **state)
{
    const struct stall_facts silent = {.is_answered = false};
    const struct stall_facts gone = {.is_answered = true};

    (void)state;
    assert_int_equal(stall_judge(&silent), STALL_NO_ANSWER);
    assert_int_equal(stall_judge(&gone), STALL_GONE);
}

static void the_description_names_wait_and_blocker(void **state)
{
    const struct stall_facts facts = {.is_answered = true,
                                      .is_there = true,
                                      .wait_event_type = "Lock",
                                      .wait_event = "relation",
                                      .blockers = "session 7"};
    struct text text;

    (void)state;
    text_init(&text, 200);
    stall_describe(&text, &facts);
    assert_string_equal(text.data, "it waits for Lock relation, blocked by session 7");
    text_clear(&text);
}

static void a_wait_for_a_standby_is_told_with_the_setting_that_asks_for_it(void **state)
{
    const struct stall_facts facts = {.is_answered = true,
                                      .is_there = true,
                                      .wait_event_type = "IPC",
                                      .wait_event = "SyncRep",
                                      .blockers = ""};
    struct text text;

    (void)state;
    text_init(&text, 200);
    stall_describe(&text, &facts);
    assert_non_null(strstr(text.data, "synchronous_standby_names"));
    text_clear(&text);
}

static const struct stall_limits limits = {.tell_us = 60 * S, .end_us = 0};

static void beats_and_rest_are_no_silence(void **state)
{
    struct stall_watch watch = {0};

    (void)state;
    assert_false(stall_watch_look(&watch, &limits, 1, 0));
    assert_false(stall_watch_look(&watch, &limits, 3, 100 * S));  /* it has heard something */
    assert_false(stall_watch_look(&watch, &limits, 4, 200 * S));  /* it does not wait */
    assert_false(stall_watch_look(&watch, &limits, 4, 1000 * S)); /* still not */
}

static void a_stall_is_told_after_a_minute_and_then_each_time_it_has_doubled(void **state)
{
    struct stall_watch watch = {0};
    uint64_t told[4], count = 0;

    (void)state;
    for (uint64_t now = 1; now <= 500 && count < 4; now++)
        if (stall_watch_look(&watch, &limits, 1, now * S) &&
            stall_watch_conclude(&watch, &limits, STALL_WAITING, now * S) == STALL_TELL)
            told[count++] = now;
    assert_int_equal(count, 4);
    assert_int_equal(told[0], 61);
    assert_int_equal(told[1], 121);
    assert_int_equal(told[2], 241);
    assert_int_equal(told[3], 481);
}

static void work_is_never_told_and_does_not_count_as_stalled(void **state)
{
    const struct stall_limits short_limits = {.tell_us = 5 * S, .end_us = 10 * S};
    struct stall_watch watch = {0};
    uint64_t now = 1;

    (void)state;
    for (; now <= 1000; now++)
        if (stall_watch_look(&watch, &short_limits, 1, now * S))
            assert_int_equal(stall_watch_conclude(&watch, &short_limits, STALL_WORKING, now * S),
                             STALL_LEAVE);
    for (; !stall_watch_look(&watch, &short_limits, 1, now * S); now++)
        continue;
    assert_int_equal(stall_watch_conclude(&watch, &short_limits, STALL_WAITING, now * S),
                     STALL_TELL);
}

static void the_limit_ends_it(void **state)
{
    const struct stall_limits short_limits = {.tell_us = 5 * S, .end_us = 10 * S};
    struct stall_watch watch = {0};
    enum stall_action action = STALL_LEAVE;
    uint64_t now = 0;

    (void)state;
    while (action != STALL_END && now < 100) {
        now++;
        if (stall_watch_look(&watch, &short_limits, 1, now * S))
            action = stall_watch_conclude(&watch, &short_limits, STALL_NO_ANSWER, now * S);
    }
    assert_int_equal(now, 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_is_told_from_waiting),
        cmocka_unit_test(who_does_not_answer_is_told_from_who_knows_of_no_session),
        cmocka_unit_test(the_description_names_wait_and_blocker),
        cmocka_unit_test(a_wait_for_a_standby_is_told_with_the_setting_that_asks_for_it),
        cmocka_unit_test(beats_and_rest_are_no_silence),
        cmocka_unit_test(a_stall_is_told_after_a_minute_and_then_each_time_it_has_doubled),
        cmocka_unit_test(work_is_never_told_and_does_not_count_as_stalled),
        cmocka_unit_test(the_limit_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
