#include "engine/dump/find_pg_dump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void pg_dump_version_is_read_from_released_and_unreleased_versions(void **state)
{
    struct pg_dump_program program;

    (void)state;
    assert_true(pg_dump_parse_version("pg_dump (PostgreSQL) 18.6 (Debian 18.6-1)\n", &program));
    assert_int_equal(program.major, 18);
    assert_string_equal(program.version, "18.6 (Debian 18.6-1)");
    assert_true(pg_dump_parse_version("pg_dump (PostgreSQL) 19devel\n", &program));
    assert_int_equal(program.major, 19);
}

static void pg_dump_version_of_another_program_is_refused(void **state)
{
    struct pg_dump_program program;

    (void)state;
    assert_false(pg_dump_parse_version("pgfast 0.1.0\n", &program));
    assert_false(pg_dump_parse_version("pg_dump (PostgreSQL) \n", &program));
    assert_false(pg_dump_parse_version("", &program));
}

/* A folder with a program that answers as the pg_dump of a version would. */
static int make_folder(void **state)
{
    char *folder = strdup("/tmp/pgfast-find-XXXXXX");

    *state = folder;
    return mkdtemp(folder) ? 0 : -1;
}

static void add_program(const char *folder, const char *answer)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/pg_dump", folder);

    FILE *script = fopen(path, "w");

    assert_non_null(script);
    fprintf(script, "#!/bin/sh\necho '%s'\n", answer);
    fclose(script);
    assert_int_equal(chmod(path, 0755), 0);
}

static int remove_folder(void **state)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/pg_dump", (char *)*state);
    unlink(path);
    rmdir(*state);
    free(*state);
    return 0;
}

static void find_pg_dump_takes_one_that_is_new_enough(void **state)
{
    struct pg_dump_program program;
    struct error error;

    add_program(*state, "pg_dump (PostgreSQL) 17.2");
    assert_true(find_pg_dump(&program, *state, 150018, &error));
    assert_int_equal(program.major, 17);
}

static void find_pg_dump_names_what_is_needed_what_it_found_and_what_to_install(void **state)
{
    struct pg_dump_program program;
    struct error error;

    add_program(*state, "pg_dump (PostgreSQL) 15.18");
    assert_false(find_pg_dump(&program, *state, 180006, &error));
    assert_int_equal(error.kind, ERROR_VERSION);
    assert_non_null(strstr(error.message, "version 18"));
    assert_non_null(strstr(error.message, "15.18"));
    assert_non_null(strstr(error.hint, "postgresql-client-18"));
}

static void find_pg_dump_says_that_there_is_none(void **state)
{
    struct pg_dump_program program;
    struct error error;

    assert_false(find_pg_dump(&program, *state, 180006, &error));
    assert_non_null(strstr(error.message, "found: none"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pg_dump_version_is_read_from_released_and_unreleased_versions),
        cmocka_unit_test(pg_dump_version_of_another_program_is_refused),
        cmocka_unit_test_setup_teardown(find_pg_dump_takes_one_that_is_new_enough, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(
            find_pg_dump_names_what_is_needed_what_it_found_and_what_to_install, make_folder,
            remove_folder),
        cmocka_unit_test_setup_teardown(find_pg_dump_says_that_there_is_none, make_folder,
                                        remove_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
