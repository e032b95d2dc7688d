#include "engine/dump/early_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool are_certain(const char *first, const char *second)
{
    const char *const arguments[] = {first, second};
    const struct dump_options options = {.pg_dump_arguments = arguments,
                                         .pg_dump_argument_count = second  ? 2
                                                                   : first ? 1
                                                                           : 0};

    return early_options_are_certain(&options);
}

static void without_options_all_tables_are_dumped(void **state)
{
    (void)state;
    assert_true(are_certain(NULL, NULL));
}

static void options_about_definitions_change_nothing(void **state)
{
    (void)state;
    assert_true(are_certain("--no-owner", "--no-comments"));
    assert_true(are_certain("--superuser=postgres", "--extra-float-digits=0"));
}

static void options_that_choose_leave_doubt(void **state)
{
    (void)state;
    static const char *const choosing[] = {"--table=t",
                                           "--exclude-table=t",
                                           "--schema=s",
                                           "--exclude-schema",
                                           "--exclude-table-data=t",
                                           "--schema-only",
                                           "--section=data",
                                           "--filter=f",
                                           "--extension=e",
                                           "--statistics-only",
                                           "--exclude-table-and-children=t"};

    for (size_t i = 0; i < sizeof(choosing) / sizeof(choosing[0]); i++) {
        assert_false(are_certain(choosing[i], NULL));
        assert_false(are_certain("--no-owner", choosing[i]));
    }
}

/* Whatever a later pg_dump brings. */
static void unknown_options_leave_doubt(void **state)
{
    (void)state;
    assert_false(are_certain("--no-owners", NULL));
    assert_false(are_certain("--no", NULL));
    assert_false(are_certain("-O", NULL));
}

static void a_snapshot_of_others_cannot_be_taken_anew(void **state)
{
    (void)state;
    const struct dump_options options = {.snapshot = "1-1"};

    assert_false(early_options_are_certain(&options));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_options_all_tables_are_dumped),
        cmocka_unit_test(options_about_definitions_change_nothing),
        cmocka_unit_test(options_that_choose_leave_doubt),
        cmocka_unit_test(unknown_options_leave_doubt),
        cmocka_unit_test(a_snapshot_of_others_cannot_be_taken_anew),
    };

    return cmocka_run_group_tests_name("early_options", tests, NULL, NULL);
}
