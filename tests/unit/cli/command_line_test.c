#include "cli/command_line.h"

#include "cli/word_list.h"
#include "engine/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct values {
    bool verbose, wants_help;
    const char *role, *layout;
    struct word_list tables;
    unsigned jobs;
};

#define MEMBER(name) offsetof(struct values, name)

static const struct option rows[] = {
    {.name = "verbose", .letter = 'v', .kind = OPTION_FLAG, .member = MEMBER(verbose)},
    {.name = "help", .letter = '?', .kind = OPTION_STOP, .member = MEMBER(wants_help)},
    {.name = "role",
     .kind = OPTION_TEXT,
     .member = MEMBER(role),
     .value_name = "R",
     .is_passed_on = true},
    {.name = "table",
     .letter = 't',
     .kind = OPTION_LIST,
     .member = MEMBER(tables),
     .value_name = "T"},
    {.name = "schema", .letter = 'n', .value_name = "S", .is_passed_on = true},
    {.name = "large-objects",
     .letter = 'b',
     .kind = OPTION_TEXT,
     .member = MEMBER(layout),
     .value_name = "LAYOUT",
     .has_optional_value = true,
     .is_passed_on = true,
     .passed_as = "--blobs"},
    {.name = "no-owner", .letter = 'O', .is_passed_on = true},
    {.name = "jobs",
     .letter = 'j',
     .kind = OPTION_COUNT,
     .member = MEMBER(jobs),
     .value_name = "N",
     .minimum = 1,
     .maximum = 9,
     .environment = "PGFAST_TEST_JOBS"},
    {.name = "inserts", .kind = OPTION_REFUSED, .way_out = "No."},
    {0},
};

static const struct option_group groups[] = {{.title = "Options", .options = rows}, {0}};

enum { WORDS_AT_MOST = 15 };

/* argv of string literals would not be writable, and the real one is. */
struct fixture {
    char *argv[WORDS_AT_MOST + 1];
    int argc;
    struct values values;
    struct command_line line;
    struct error error;
};

static bool parse(struct fixture *fixture, const char *const *words)
{
    *fixture = (struct fixture){.argc = 1};
    fixture->argv[0] = memory_copy_text("dump");
    for (; *words != NULL; words++)
        fixture->argv[fixture->argc++] = memory_copy_text(*words);
    return command_line_parse(&fixture->line, groups, &fixture->values, fixture->argc,
                              fixture->argv, &fixture->error);
}

static void clear(struct fixture *fixture)
{
    command_line_clear(&fixture->line);
    word_list_clear(&fixture->values.tables);
    for (int i = 0; i < fixture->argc; i++)
        free(fixture->argv[i]);
}

#define PARSE(...) parse(&fixture, (const char *const[]){__VA_ARGS__, NULL})

static void options_and_words_may_be_mixed(void **state)
{
    (void)state;
    struct fixture fixture;

    assert_true(PARSE("one", "-v", "two", "--jobs", "3"));
    assert_true(fixture.values.verbose);
    assert_int_equal(fixture.values.jobs, 3);
    assert_int_equal(fixture.line.word_count, 2);
    assert_string_equal(fixture.line.words[0], "one");
    assert_string_equal(fixture.line.words[1], "two");
    clear(&fixture);
}

static void letters_may_be_bundled_with_a_value_at_the_end(void **state)
{
    (void)state;
    struct fixture fixture;

    assert_true(PARSE("-vOj4", "-t", "a", "-tb"));
    assert_true(fixture.values.verbose);
    assert_true(command_line_has(&fixture.line, "no-owner"));
    assert_int_equal(fixture.values.jobs, 4);
    assert_int_equal(fixture.values.tables.count, 2);
    assert_string_equal(fixture.values.tables.items[0], "a");
    assert_string_equal(fixture.values.tables.items[1], "b");
    clear(&fixture);
}

static void a_value_may_look_like_an_option(void **state)
{
    (void)state;
    struct fixture fixture;

    assert_true(PARSE("--role", "--verbose", "-t", "-v", "--table="));
    assert_string_equal(fixture.values.role, "--verbose");
    assert_string_equal(fixture.values.tables.items[0], "-v");
    assert_string_equal(fixture.values.tables.items[1], "");
    assert_false(fixture.values.verbose);
    clear(&fixture);
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    struct fixture fixture;

    assert_true(PARSE("--", "-v", "--jobs"));
    assert_false(fixture.values.verbose);
    assert_int_equal(fixture.line.word_count, 2);
    clear(&fixture);
}

static void a_single_dash_is_a_word(void **state)
{
    (void)state;
    struct fixture fixture;

    assert_true(PARSE("-"));
    assert_int_equal(fixture.line.word_count, 1);
    clear(&fixture);
}

static void what_pg_dump_needs_is_passed_on_in_its_order_and_spelling(void **state)
{
    (void)state;
    struct fixture fixture;

    assert_true(PARSE("-n", "a*", "-b", "-v", "--role=boss", "-nb", "--no-ow"));
    assert_int_equal(fixture.line.passed_count, 5);
    assert_string_equal(fixture.line.passed[0], "--schema=a*");
    assert_string_equal(fixture.line.passed[1], "--blobs");
    assert_string_equal(fixture.line.passed[2], "--role=boss");
    assert_string_equal(fixture.line.passed[3], "--schema=b");
    assert_string_equal(fixture.line.passed[4], "--no-owner");
    assert_string_equal(fixture.values.role, "boss");
    clear(&fixture);
}

/* The word behind it is no value, as in the tools that know none. */
static void an_optional_value_stands_behind_an_equals_sign(void **state)
{
    (void)state;
    struct fixture fixture;

    assert_true(PARSE("-b", "word", "--large-objects", "another"));
    assert_null(fixture.values.layout);
    assert_int_equal(fixture.line.word_count, 2);
    clear(&fixture);
    assert_true(PARSE("--large-objects=packed", "-bv"));
    assert_string_equal(fixture.values.layout, "packed");
    assert_true(fixture.values.verbose);
    assert_string_equal(fixture.line.passed[0], "--blobs");
    clear(&fixture);
}

static void a_missing_value_is_told(void **state)
{
    (void)state;
    struct fixture fixture;

    assert_false(PARSE("-v", "-j"));
    assert_string_equal(fixture.error.message, "option -j/--jobs requires a value");
    clear(&fixture);
    assert_false(PARSE("--role"));
    assert_string_equal(fixture.error.message, "option --role requires a value");
    clear(&fixture);
}

static void a_value_too_much_is_told(void **state)
{
    (void)state;
    struct fixture fixture;

    assert_false(PARSE("--verbose=yes"));
    assert_string_equal(fixture.error.message, "option --verbose takes no value");
    clear(&fixture);
}

static void a_refused_option_is_refused_with_a_value_too(void **state)
{
    (void)state;
    struct fixture fixture;

    assert_false(PARSE("--inserts=5"));
    assert_string_equal(fixture.error.message, "option --inserts is not supported");
    clear(&fixture);
}

static void help_stops_before_later_mistakes(void **state)
{
    (void)state;
    struct fixture fixture;

    assert_true(PARSE("-v?", "--nonsense"));
    assert_true(fixture.values.wants_help);
    clear(&fixture);
}

static void the_environment_stands_in_for_an_option_not_given(void **state)
{
    (void)state;
    struct fixture fixture;

    setenv("PGFAST_TEST_JOBS", "5", 1);
    assert_true(PARSE("-v"));
    assert_int_equal(fixture.values.jobs, 5);
    assert_false(command_line_has(&fixture.line, "jobs"));
    clear(&fixture);
    assert_true(PARSE("-j2"));
    assert_int_equal(fixture.values.jobs, 2);
    clear(&fixture);
    setenv("PGFAST_TEST_JOBS", "many", 1);
    assert_false(PARSE("-v"));
    assert_non_null(strstr(fixture.error.message, "environment variable PGFAST_TEST_JOBS: "));
    clear(&fixture);
    unsetenv("PGFAST_TEST_JOBS");
}

static void rules_name_both_options(void **state)
{
    (void)state;
    static const struct option_rule rules[] = {
        {.first = "schema", .second = "no-owner"},
        {.first = "table", .second = "role", .needs = true},
    };
    struct fixture fixture;

    assert_true(PARSE("-O"));
    assert_true(command_line_check(&fixture.line, rules, 2, &fixture.error));
    clear(&fixture);
    assert_true(PARSE("-O", "-nx"));
    assert_false(command_line_check(&fixture.line, rules, 2, &fixture.error));
    assert_string_equal(fixture.error.message,
                        "options -n/--schema and -O/--no-owner cannot be used together");
    clear(&fixture);
    assert_true(PARSE("-tx"));
    assert_false(command_line_check(&fixture.line, rules, 2, &fixture.error));
    assert_string_equal(fixture.error.message, "option -t/--table requires option --role");
    clear(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_words_may_be_mixed),
        cmocka_unit_test(letters_may_be_bundled_with_a_value_at_the_end),
        cmocka_unit_test(a_value_may_look_like_an_option),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(a_single_dash_is_a_word),
        cmocka_unit_test(what_pg_dump_needs_is_passed_on_in_its_order_and_spelling),
        cmocka_unit_test(an_optional_value_stands_behind_an_equals_sign),
        cmocka_unit_test(a_missing_value_is_told),
        cmocka_unit_test(a_value_too_much_is_told),
        cmocka_unit_test(a_refused_option_is_refused_with_a_value_too),
        cmocka_unit_test(help_stops_before_later_mistakes),
        cmocka_unit_test(the_environment_stands_in_for_an_option_not_given),
        cmocka_unit_test(rules_name_both_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
