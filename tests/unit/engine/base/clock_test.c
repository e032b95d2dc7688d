#include "engine/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void clock_never_goes_back(void **state)
{
    uint64_t before_us = clock_now_us();

    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint64_t now_us = clock_now_us();
        assert_true(now_us >= before_us);
        before_us = now_us;
    }
}

static void clock_writes_times_of_utc(void **state)
{
    char buffer[32];

    (void)state;
    clock_format_utc(buffer, sizeof buffer, 0);
    assert_string_equal(buffer, "1970-01-01T00:00:00Z");
    clock_format_utc(buffer, sizeof buffer, 951782400);
    assert_string_equal(buffer, "2000-02-29T00:00:00Z");
}

static void clock_writes_nothing_where_there_is_no_room(void **state)
{
    char buffer[10] = "old";

    (void)state;
    clock_format_utc(buffer, sizeof buffer, 0);
    assert_string_equal(buffer, "");
    clock_format_utc(buffer, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_never_goes_back),
        cmocka_unit_test(clock_writes_times_of_utc),
        cmocka_unit_test(clock_writes_nothing_where_there_is_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
