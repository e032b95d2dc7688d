#include "engine/flow/pulse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int make(void **state)
{
    *state = aligned_alloc(_Alignof(struct pulses), sizeof(struct pulses));
    memset(*state, 0, sizeof(struct pulses));
    return 0;
}

static int discard(void **state)
{
    free(*state);
    return 0;
}

static void a_wait_makes_the_beats_odd(void **state)
{
    struct pulse *pulse = pulses_take(*state, 4711);

    assert_int_equal(atomic_load(&pulse->backend_pid), 4711);
    pulse_beat(pulse);
    assert_int_equal(atomic_load(&pulse->beats) % 2, 1);
    pulse_beat(pulse);
    assert_int_equal(atomic_load(&pulse->beats) % 2, 0);
}

static void a_session_that_ends_while_it_waits_leaves_other_and_even_beats(void **state)
{
    struct pulse *pulse = pulses_take(*state, 1);

    pulse_beat(pulse);
    uint32_t before = atomic_load(&pulse->beats);
    pulse_give_back(pulse);
    assert_int_equal(atomic_load(&pulse->beats) % 2, 0);
    assert_int_not_equal(atomic_load(&pulse->beats), before);
    assert_ptr_equal(pulses_take(*state, 2), pulse);
}

static void what_is_asked_can_be_read_and_is_cut(void **state)
{
    struct pulse *pulse = pulses_take(*state, 1);
    char statement[PULSE_STATEMENT_BYTES], longer[2 * PULSE_STATEMENT_BYTES];

    pulse_begin_statement(pulse, "SELECT 1");
    assert_true(pulse_read_statement(pulse, statement));
    assert_string_equal(statement, "SELECT 1");
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    pulse_begin_statement(pulse, longer);
    assert_true(pulse_read_statement(pulse, statement));
    assert_int_equal(strlen(statement), PULSE_STATEMENT_BYTES - 1);
}

static void sessions_beyond_the_last_go_without(void **state)
{
    for (int i = 0; i < PULSES_MOST; i++)
        assert_non_null(pulses_take(*state, i + 1));
    assert_null(pulses_take(*state, 1000));
    pulse_beat(NULL);
    pulse_begin_statement(NULL, "SELECT 1");
    pulse_give_back(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_wait_makes_the_beats_odd, make, discard),
        cmocka_unit_test_setup_teardown(
            a_session_that_ends_while_it_waits_leaves_other_and_even_beats, make, discard),
        cmocka_unit_test_setup_teardown(what_is_asked_can_be_read_and_is_cut, make, discard),
        cmocka_unit_test_setup_teardown(sessions_beyond_the_last_go_without, make, discard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
