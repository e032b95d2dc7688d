#include "cli/option.h"

#include "cli/option_help.h"
#include "cli/word_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct values {
    bool flag;
    const char *text;
    struct word_list list;
    unsigned count, bits;
    uint64_t size;
};

static const struct option_choice automatic[] = {{"auto", 0}, {0}};
static const struct option_choice sections[] = {{"pre", 1}, {"post", 4}, {0}};

#define MEMBER(name) offsetof(struct values, name)

static const struct option rows[] = {
    {.name = "flag", .letter = 'f', .kind = OPTION_FLAG, .member = MEMBER(flag), .help = "a flag"},
    {.name = "table",
     .letter = 't',
     .kind = OPTION_LIST,
     .member = MEMBER(list),
     .value_name = "NAME"},
    {.name = "table-data", .kind = OPTION_TEXT, .member = MEMBER(text), .value_name = "NAME"},
    {.name = "jobs",
     .letter = 'j',
     .kind = OPTION_COUNT,
     .member = MEMBER(count),
     .value_name = "NUM",
     .choices = automatic,
     .minimum = 1,
     .maximum = 64,
     .help = "sessions\nof which more is more"},
    {.name = "size", .kind = OPTION_SIZE, .member = MEMBER(size), .value_name = "SIZE"},
    {.name = "section",
     .kind = OPTION_BITS,
     .member = MEMBER(bits),
     .value_name = "S",
     .choices = sections},
    {.name = "inserts", .kind = OPTION_REFUSED, .way_out = "Use another tool."},
    {0},
};

static const struct option_group groups[] = {{.title = "Options", .options = rows}, {0}};

static bool apply(struct values *values, const char *name, const char *value, struct error *error)
{
    struct option_match match;
    char word[64] = "";

    if (value != NULL)
        snprintf(word, sizeof word, "%s", value);
    assert_true(option_find_name(groups, name, strlen(name), &match, error));
    return option_apply(&match, values, word, error);
}

static void a_whole_name_wins_over_longer_ones(void **state)
{
    (void)state;
    struct option_match match;
    struct error error;

    assert_true(option_find_name(groups, "table", 5, &match, &error));
    assert_string_equal(match.option->name, "table");
}

static void a_unique_beginning_is_enough(void **state)
{
    (void)state;
    struct option_match match;
    struct error error;

    assert_true(option_find_name(groups, "table-", 6, &match, &error));
    assert_string_equal(match.option->name, "table-data");
    assert_true(option_find_name(groups, "jo", 2, &match, &error));
    assert_string_equal(match.option->name, "jobs");
}

static void an_ambiguous_beginning_names_the_candidates(void **state)
{
    (void)state;
    struct option_match match;
    struct error error;

    assert_false(option_find_name(groups, "tab", 3, &match, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_non_null(strstr(error.message, "\"--table\""));
    assert_non_null(strstr(error.message, "\"--table-data\""));
}

static void an_unknown_option_is_named(void **state)
{
    (void)state;
    struct option_match match;
    struct error error;

    assert_false(option_find_name(groups, "nonsense", 8, &match, &error));
    assert_string_equal(error.message, "unknown option \"--nonsense\"");
    assert_false(option_find_letter(groups, 'z', &match, &error));
    assert_string_equal(error.message, "unknown option \"-z\"");
}

static void a_count_is_a_number_within_its_bounds_or_its_word(void **state)
{
    (void)state;
    static const char *const wrong[] = {"0",  "65", "-1", "+3",
                                        " 3", "3x", "",   "99999999999999999999"};
    struct values values = {.count = 7};
    struct error error;

    assert_true(apply(&values, "jobs", "64", &error));
    assert_int_equal(values.count, 64);
    assert_true(apply(&values, "jobs", "auto", &error));
    assert_int_equal(values.count, 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(apply(&values, "jobs", wrong[i], &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        assert_non_null(strstr(error.message, "-j/--jobs"));
    }
    assert_int_equal(values.count, 0);
}

static void a_size_has_units(void **state)
{
    (void)state;
    struct values values = {0};
    struct error error;

    assert_true(apply(&values, "size", "64MB", &error));
    assert_int_equal(values.size, 64u << 20);
    assert_false(apply(&values, "size", "0", &error));
    assert_false(apply(&values, "size", "many", &error));
}

static void bits_add_up_and_know_their_words(void **state)
{
    (void)state;
    struct values values = {0};
    struct error error;

    assert_true(apply(&values, "section", "pre", &error));
    assert_true(apply(&values, "section", "post", &error));
    assert_int_equal(values.bits, 5);
    assert_false(apply(&values, "section", "middle", &error));
    assert_string_equal(error.message, "invalid value \"middle\" for option --section: it must be "
                                       "one of \"pre\", \"post\"");
}

static void a_refused_option_tells_the_way_out(void **state)
{
    (void)state;
    struct values values = {0};
    struct error error;

    assert_false(apply(&values, "inserts", NULL, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_string_equal(error.message, "option --inserts is not supported");
    assert_string_equal(error.hint, "Use another tool.");
}

static void help_puts_texts_into_one_column_and_hides_rows_without(void **state)
{
    (void)state;
    char *help = NULL;
    size_t length;
    FILE *stream = open_memstream(&help, &length);

    option_help_print(stream, groups);
    fclose(stream);
    assert_string_equal(help, "\nOptions:\n"
                              "  -f, --flag                   a flag\n"
                              "  -j, --jobs=NUM               sessions\n"
                              "                               of which more is more\n");
    free(help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_name_wins_over_longer_ones),
        cmocka_unit_test(a_unique_beginning_is_enough),
        cmocka_unit_test(an_ambiguous_beginning_names_the_candidates),
        cmocka_unit_test(an_unknown_option_is_named),
        cmocka_unit_test(a_count_is_a_number_within_its_bounds_or_its_word),
        cmocka_unit_test(a_size_has_units),
        cmocka_unit_test(bits_add_up_and_know_their_words),
        cmocka_unit_test(a_refused_option_tells_the_way_out),
        cmocka_unit_test(help_puts_texts_into_one_column_and_hides_rows_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
