#include "io/file_system.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static void a_release_is_compared_by_numbers(void **state)
{
    (void)state;
    assert_true(file_system_is_release_at_least("5.8.0", 5, 8));
    assert_true(file_system_is_release_at_least("5.10.0-28-amd64", 5, 8));
    assert_true(file_system_is_release_at_least("6.1.0", 5, 8));
    assert_false(file_system_is_release_at_least("5.7.19", 5, 8));
    assert_false(file_system_is_release_at_least("4.18.0-553.el8", 5, 8));
    assert_false(file_system_is_release_at_least("unknown", 5, 8));
}

static void a_file_system_of_unknown_habits_is_not_trusted(void **state)
{
    (void)state;
    int process = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (process < 0)
        skip();
    assert_false(file_system_reports_lost_writes(process));
    close(process);
    assert_false(file_system_reports_lost_writes(-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_release_is_compared_by_numbers),
        cmocka_unit_test(a_file_system_of_unknown_habits_is_not_trusted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
