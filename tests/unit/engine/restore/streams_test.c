#include "engine/restore/streams.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const uint64_t mebibyte = 1 << 20;

static void the_only_table_gets_all_sessions(void **state)
{
    (void)state;
    assert_int_equal(streams_choose(1000 * mebibyte, 1000 * mebibyte, 2), 2);
    assert_int_equal(streams_choose(1000 * mebibyte, 1000 * mebibyte, 16), 16);
}

static void one_session_makes_one_stream(void **state)
{
    (void)state;
    assert_int_equal(streams_choose(1000 * mebibyte, 1000 * mebibyte, 1), 1);
}

static void tables_of_the_same_size_get_one_stream_each(void **state)
{
    (void)state;
    assert_int_equal(streams_choose(100 * mebibyte, 1200 * mebibyte, 2), 1);
    assert_int_equal(streams_choose(100 * mebibyte, 1200 * mebibyte, 12), 1);
    assert_int_equal(streams_choose(100 * mebibyte, 1200 * mebibyte, 16), 1);
}

static void one_that_outweighs_the_others_gets_its_share(void **state)
{
    (void)state;
    assert_int_equal(streams_choose(900 * mebibyte, 1200 * mebibyte, 2), 2);
    assert_int_equal(streams_choose(900 * mebibyte, 1200 * mebibyte, 16), 12);
    assert_int_equal(streams_choose(300 * mebibyte, 1200 * mebibyte, 8), 2);
}

static void small_tables_are_not_spread(void **state)
{
    (void)state;
    assert_int_equal(streams_choose(mebibyte, mebibyte, 16), 1);
    assert_int_equal(streams_choose(3 * mebibyte, 3 * mebibyte, 16), 3);
    assert_int_equal(streams_choose(0, 0, 16), 1);
}

static void few_processors_or_sessions_have_no_decoders_besides(void **state)
{
    (void)state;
    assert_int_equal(streams_choose_decoders(2, 2), 0);
    assert_int_equal(streams_choose_decoders(16, 2), 0);
    assert_int_equal(streams_choose_decoders(2, 64), 0);
}

static void many_sessions_have_decoders_as_processors_allow(void **state)
{
    (void)state;
    assert_int_equal(streams_choose_decoders(4, 4), 1);
    assert_int_equal(streams_choose_decoders(16, 16), 4);
    assert_int_equal(streams_choose_decoders(16, 64), 5);
    assert_int_equal(streams_choose_decoders(64, 128), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_processors_or_sessions_have_no_decoders_besides),
        cmocka_unit_test(many_sessions_have_decoders_as_processors_allow),
        cmocka_unit_test(the_only_table_gets_all_sessions),
        cmocka_unit_test(one_session_makes_one_stream),
        cmocka_unit_test(tables_of_the_same_size_get_one_stream_each),
        cmocka_unit_test(one_that_outweighs_the_others_gets_its_share),
        cmocka_unit_test(small_tables_are_not_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
