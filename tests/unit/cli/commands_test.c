#include "cli/command.h"

#include "cli/exit_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Old spellings of options that are shown under their new ones, and options without effect. */
static bool may_be_hidden(const struct option *option)
{
    static const char *const hidden[] = {"no-acl", "blobs", "no-blobs", "no-reconnect"};

    if (option->kind == OPTION_REFUSED)
        return true;
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (strcmp(option->name, hidden[i]) == 0)
            return true;
    return false;
}

static bool wants_value(enum option_kind kind)
{
    return kind != OPTION_NONE && kind != OPTION_FLAG && kind != OPTION_STOP &&
           kind != OPTION_REFUSED;
}

static void check_row(const struct option *option)
{
    if (option->help == NULL)
        assert_true(may_be_hidden(option));
    if (wants_value(option->kind))
        assert_non_null(option->value_name);
    if (option->kind == OPTION_FLAG || option->kind == OPTION_STOP)
        assert_null(option->value_name);
    if (option->kind == OPTION_REFUSED)
        assert_non_null(option->way_out);
    if (option->kind == OPTION_COUNT)
        assert_true(option->maximum > option->minimum);
    if (option->environment != NULL)
        assert_memory_equal(option->environment, "PGFAST_", 7);
}

static void every_option_of_every_command_is_whole(void **state)
{
    (void)state;
    for (size_t c = 0; commands[c] != NULL; c++)
        for (const struct option_group *group = commands[c]->groups; group->options; group++)
            for (const struct option *option = group->options; option->name; option++)
                check_row(option);
}

static void every_name_and_letter_of_a_command_is_its_own(void **state)
{
    (void)state;
    for (size_t c = 0; commands[c] != NULL; c++) {
        for (const struct option_group *group = commands[c]->groups; group->options; group++) {
            for (const struct option *option = group->options; option->name; option++) {
                struct option_match match;
                struct error error;
                assert_true(option_find_name(commands[c]->groups, option->name,
                                             strlen(option->name), &match, &error));
                assert_ptr_equal(match.option, option);
                if (option->letter == '\0')
                    continue;
                assert_true(
                    option_find_letter(commands[c]->groups, option->letter, &match, &error));
                assert_ptr_equal(match.option, option);
            }
        }
    }
}

static void help_shows_every_option_that_is_not_hidden(void **state)
{
    (void)state;
    for (size_t c = 0; commands[c] != NULL; c++) {
        char *help = NULL;
        size_t length;
        FILE *stream = open_memstream(&help, &length);
        command_print_help(stream, commands[c]);
        fclose(stream);
        for (const struct option_group *group = commands[c]->groups; group->options; group++) {
            for (const struct option *option = group->options; option->name; option++) {
                char spelling[64];
                snprintf(spelling, sizeof spelling, "--%s", option->name);
                if (option->help != NULL)
                    assert_non_null(strstr(help, spelling));
            }
        }
        free(help);
    }
}

static void no_line_of_help_is_wider_than_a_terminal(void **state)
{
    (void)state;
    for (size_t c = 0; commands[c] != NULL; c++) {
        char *help = NULL;
        size_t length;
        FILE *stream = open_memstream(&help, &length);
        command_print_help(stream, commands[c]);
        fclose(stream);
        for (const char *line = help; *line != '\0';) {
            size_t width = strcspn(line, "\n");
            if (width > 82)
                fail_msg("too wide: %.*s", (int)width, line);
            line += width + (line[width] == '\n');
        }
        free(help);
    }
}

/* Everything that pg_dump 18 and pg_restore 18 list in their --help. */
static void every_option_of_the_stock_tools_is_known(void **state)
{
    (void)state;
    static const char *const of_pg_dump[] = {"file",
                                             "format",
                                             "jobs",
                                             "verbose",
                                             "version",
                                             "compress",
                                             "lock-wait-timeout",
                                             "no-sync",
                                             "sync-method",
                                             "help",
                                             "data-only",
                                             "large-objects",
                                             "blobs",
                                             "no-large-objects",
                                             "no-blobs",
                                             "clean",
                                             "create",
                                             "extension",
                                             "encoding",
                                             "schema",
                                             "exclude-schema",
                                             "no-owner",
                                             "schema-only",
                                             "superuser",
                                             "table",
                                             "exclude-table",
                                             "no-privileges",
                                             "binary-upgrade",
                                             "column-inserts",
                                             "disable-dollar-quoting",
                                             "disable-triggers",
                                             "enable-row-security",
                                             "exclude-extension",
                                             "exclude-table-and-children",
                                             "exclude-table-data",
                                             "exclude-table-data-and-children",
                                             "extra-float-digits",
                                             "filter",
                                             "if-exists",
                                             "include-foreign-data",
                                             "inserts",
                                             "load-via-partition-root",
                                             "no-comments",
                                             "no-data",
                                             "no-policies",
                                             "no-publications",
                                             "no-schema",
                                             "no-security-labels",
                                             "no-statistics",
                                             "no-subscriptions",
                                             "no-table-access-method",
                                             "no-tablespaces",
                                             "no-toast-compression",
                                             "no-unlogged-table-data",
                                             "on-conflict-do-nothing",
                                             "quote-all-identifiers",
                                             "restrict-key",
                                             "rows-per-insert",
                                             "section",
                                             "sequence-data",
                                             "serializable-deferrable",
                                             "snapshot",
                                             "statistics",
                                             "statistics-only",
                                             "strict-names",
                                             "table-and-children",
                                             "use-set-session-authorization",
                                             "dbname",
                                             "host",
                                             "port",
                                             "username",
                                             "no-password",
                                             "password",
                                             "role"};
    static const char *const of_pg_restore[] = {"dbname",
                                                "file",
                                                "format",
                                                "list",
                                                "verbose",
                                                "version",
                                                "help",
                                                "data-only",
                                                "clean",
                                                "create",
                                                "exit-on-error",
                                                "index",
                                                "jobs",
                                                "use-list",
                                                "schema",
                                                "exclude-schema",
                                                "no-owner",
                                                "function",
                                                "schema-only",
                                                "superuser",
                                                "table",
                                                "trigger",
                                                "no-privileges",
                                                "single-transaction",
                                                "disable-triggers",
                                                "enable-row-security",
                                                "filter",
                                                "if-exists",
                                                "no-comments",
                                                "no-data",
                                                "no-data-for-failed-tables",
                                                "no-policies",
                                                "no-publications",
                                                "no-schema",
                                                "no-security-labels",
                                                "no-statistics",
                                                "no-subscriptions",
                                                "no-table-access-method",
                                                "no-tablespaces",
                                                "restrict-key",
                                                "section",
                                                "statistics",
                                                "statistics-only",
                                                "strict-names",
                                                "transaction-size",
                                                "use-set-session-authorization",
                                                "host",
                                                "port",
                                                "username",
                                                "no-password",
                                                "password",
                                                "role"};
    struct option_match match;
    struct error error;

    for (size_t i = 0; i < sizeof of_pg_dump / sizeof of_pg_dump[0]; i++) {
        assert_true(option_find_name(command_dump.groups, of_pg_dump[i], strlen(of_pg_dump[i]),
                                     &match, &error));
        assert_string_equal(match.option->name, of_pg_dump[i]);
    }
    for (size_t i = 0; i < sizeof of_pg_restore / sizeof of_pg_restore[0]; i++) {
        assert_true(option_find_name(command_restore.groups, of_pg_restore[i],
                                     strlen(of_pg_restore[i]), &match, &error));
        assert_string_equal(match.option->name, of_pg_restore[i]);
    }
}

static int run(const struct command *command, const char *first, const char *second)
{
    char words[3][64];
    char *argv[] = {words[0], words[1], words[2], NULL};

    snprintf(words[0], sizeof words[0], "%s", command->name);
    snprintf(words[1], sizeof words[1], "%s", first);
    snprintf(words[2], sizeof words[2], "%s", second == NULL ? "" : second);
    return command->run(command, second == NULL ? 2 : 3, argv);
}

static void wrong_command_lines_end_with_the_code_for_usage(void **state)
{
    (void)state;
    int usage = exit_code_of(ERROR_USAGE);

    assert_int_equal(run(&command_dump, "--nonsense", NULL), usage);
    assert_int_equal(run(&command_dump, "mydb", NULL), usage); /* no -f */
    assert_int_equal(run(&command_dump, "--file=x", "-Fc"), usage);
    assert_int_equal(run(&command_dump, "--file=x", "--inserts"), usage);
    assert_int_equal(run(&command_dump, "--file=x", "--if-exists"), usage);
    assert_int_equal(run(&command_dump, "--file=x", "--sync-method=hope"), usage);
    assert_int_equal(run(&command_dump, "--file=x", "-as"), usage);
    assert_int_equal(run(&command_restore, "-dx", NULL), usage);      /* no folder */
    assert_int_equal(run(&command_restore, "folder", NULL), usage);   /* no -d */
    assert_int_equal(run(&command_restore, "folder", "-ldx"), usage); /* both */
    assert_int_equal(run(&command_restore, "folder", "-1j2dx"), usage);
    assert_int_equal(run(&command_restore, "folder", "-cadx"), usage);
    assert_int_equal(run(&command_restore, "folder", "-C1dx"), usage);
    assert_int_equal(run(&command_list, "a", "b"), usage);
    assert_int_equal(run(&command_help, "nonsense", NULL), usage);
}

static void help_and_version_succeed(void **state)
{
    (void)state;
    for (size_t c = 0; commands[c] != NULL; c++) {
        assert_int_equal(run(commands[c], "--help", NULL), EXIT_CODE_OK);
        assert_int_equal(run(commands[c], "-V", NULL), EXIT_CODE_OK);
        assert_int_equal(run(&command_help, commands[c]->name, NULL), EXIT_CODE_OK);
    }
    assert_int_equal(run(&command_help, "exit-codes", NULL), EXIT_CODE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_of_every_command_is_whole),
        cmocka_unit_test(every_name_and_letter_of_a_command_is_its_own),
        cmocka_unit_test(help_shows_every_option_that_is_not_hidden),
        cmocka_unit_test(no_line_of_help_is_wider_than_a_terminal),
        cmocka_unit_test(every_option_of_the_stock_tools_is_known),
        cmocka_unit_test(wrong_command_lines_end_with_the_code_for_usage),
        cmocka_unit_test(help_and_version_succeed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
