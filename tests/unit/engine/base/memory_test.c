#include "engine/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void memory_is_zeroed_and_never_null(void **state)
{
    unsigned char *memory = memory_allocate(100, 10);

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(memory[i], 0);
    free(memory);
    memory = memory_allocate(0, 8);
    assert_non_null(memory);
    free(memory);
}

static void memory_resize_keeps_what_was_there(void **state)
{
    char *memory = memory_copy_text("keep");

    (void)state;
    memory = memory_resize(memory, 1000, 1000);
    assert_string_equal(memory, "keep");
    memory = memory_resize(memory, 0, 1);
    assert_non_null(memory);
    free(memory);
}

static void memory_prints_texts_of_any_length(void **state)
{
    char *printed = memory_print("%05000d", 1);

    (void)state;
    assert_int_equal(strlen(printed), 5000);
    free(printed);
}

/* In a child, whose stderr is a pipe. */
static void memory_that_cannot_be_had_ends_the_program_with_one_line(void **state)
{
    char line[100] = "";
    int ends[2], status;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        memory_resize(NULL, SIZE_MAX / 2, 3);
        _exit(0);
    }
    close(ends[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(read(ends[0], line, sizeof line - 1) > 0);
    close(ends[0]);
    assert_string_equal(line, "pgfast: error: out of memory\n");
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), MEMORY_EXIT_CODE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_never_null),
        cmocka_unit_test(memory_resize_keeps_what_was_there),
        cmocka_unit_test(memory_prints_texts_of_any_length),
        cmocka_unit_test(memory_that_cannot_be_had_ends_the_program_with_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
