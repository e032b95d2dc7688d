#include "cli/exit_code.h"

#include "engine/base/memory.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void codes_are_those_that_scripts_know(void **state)
{
    (void)state;
    assert_int_equal(exit_code_of(ERROR_USAGE), 2);
    assert_int_equal(exit_code_of(ERROR_PARTIAL), 3);
    assert_int_equal(exit_code_of(ERROR_CONNECTION), 10);
    assert_int_equal(exit_code_of(ERROR_AUTHENTICATION), 11);
    assert_int_equal(exit_code_of(ERROR_PERMISSION), 12);
    assert_int_equal(exit_code_of(ERROR_SERVER), 13);
    assert_int_equal(exit_code_of(ERROR_TIMEOUT), 14);
    assert_int_equal(exit_code_of(ERROR_VERSION), 15);
    assert_int_equal(exit_code_of(ERROR_IO), 20);
    assert_int_equal(exit_code_of(ERROR_NO_SPACE), 21);
    assert_int_equal(exit_code_of(ERROR_RESOURCE), 22);
    assert_int_equal(exit_code_of(ERROR_RESOURCE), MEMORY_EXIT_CODE);
    assert_int_equal(exit_code_of(ERROR_DAMAGED), 30);
    assert_int_equal(exit_code_of(ERROR_INCOMPLETE), 31);
    assert_int_equal(exit_code_of(ERROR_UNSUPPORTED), 32);
    assert_int_equal(exit_code_of(ERROR_HOSTILE), 34);
    assert_int_equal(exit_code_of(ERROR_CONFLICT), 40);
    assert_int_equal(exit_code_of(ERROR_OBJECTS), 41);
    assert_int_equal(exit_code_of(ERROR_DIFFERENT), 42);
    assert_int_equal(exit_code_of(ERROR_LOCKED), 50);
    assert_int_equal(exit_code_of(ERROR_INTERNAL), 70);
    assert_int_equal(exit_code_of_signal(SIGINT), 130);
    assert_int_equal(exit_code_of_signal(SIGTERM), 143);
}

static void no_kind_of_error_counts_as_success(void **state)
{
    (void)state;
    for (int kind = ERROR_NONE; kind <= ERROR_INTERNAL; kind++)
        assert_int_not_equal(exit_code_of((enum error_kind)kind), EXIT_CODE_OK);
}

static void the_table_tells_every_code(void **state)
{
    (void)state;
    char *table = NULL;
    size_t length;
    FILE *stream = open_memstream(&table, &length);

    exit_code_print_table(stream);
    fclose(stream);
    for (int kind = ERROR_NONE; kind <= ERROR_INTERNAL; kind++) {
        char line[16];
        snprintf(line, sizeof line, "  %3d  ", exit_code_of((enum error_kind)kind));
        assert_non_null(strstr(table, line));
    }
    free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_that_scripts_know),
        cmocka_unit_test(no_kind_of_error_counts_as_success),
        cmocka_unit_test(the_table_tells_every_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
