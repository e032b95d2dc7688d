#include "cli/command_line.h"

#include "engine/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* What stays the same while one argv is walked. */
struct walk {
    struct command_line *line;
    const struct option_group *groups;
    void *arguments;
    int argc;
    char **argv;
    int next; /* index of the word to look at */
    bool has_stopped;
};

static char *spell_for_pg_dump(const struct option *option, const char *value)
{
    if (option->passed_as != NULL)
        return memory_copy_text(option->passed_as);
    if (value == NULL)
        return memory_print("--%s", option->name);
    return memory_print("--%s=%s", option->name, value);
}

static bool take_option(struct walk *walk, const struct option_match *match, char *value,
                        struct error *error)
{
    struct command_line *line = walk->line;

    if (!option_apply(match, walk->arguments, value, error))
        return false;
    if (match->option->is_passed_on)
        line->passed[line->passed_count++] = spell_for_pg_dump(match->option, value);
    line->given[line->given_count++] = match->option;
    walk->has_stopped = match->option->kind == OPTION_STOP;
    return true;
}

/* The word behind an option that wants a value. */
static bool take_next_word(struct walk *walk, const struct option *option, char **value,
                           struct error *error)
{
    char label[OPTION_LABEL_BYTES];

    if (walk->next < walk->argc) {
        *value = walk->argv[walk->next++];
        return true;
    }
    option_label(option, label);
    return error_set(error, ERROR_USAGE, "option %s requires a value", label);
}

static bool wants_value(const struct option *option)
{
    return option->value_name != NULL && !option->has_optional_value;
}

static bool parse_long(struct walk *walk, char *word, struct error *error)
{
    char *name = word + 2;
    size_t length = strcspn(name, "=");
    char *value = name[length] == '=' ? name + length + 1 : NULL;
    struct option_match match;

    if (!option_find_name(walk->groups, name, length, &match, error))
        return false;
    if (match.option->kind == OPTION_REFUSED)
        return take_option(walk, &match, NULL, error);
    if (match.option->value_name == NULL && value != NULL)
        return error_set(error, ERROR_USAGE, "option --%s takes no value", match.option->name);
    if (wants_value(match.option) && value == NULL &&
        !take_next_word(walk, match.option, &value, error))
        return false;
    return take_option(walk, &match, value, error);
}

/* "-j4", "-j 4", and bundles like "-Ov": the first letter that wants a value takes the rest. */
static bool parse_letters(struct walk *walk, char *word, struct error *error)
{
    for (char *letter = word + 1; *letter != '\0' && !walk->has_stopped; letter++) {
        struct option_match match;
        char *value = NULL;

        if (!option_find_letter(walk->groups, *letter, &match, error))
            return false;
        if (!wants_value(match.option)) {
            if (!take_option(walk, &match, NULL, error))
                return false;
            continue;
        }
        if (letter[1] != '\0')
            value = letter + 1;
        else if (!take_next_word(walk, match.option, &value, error))
            return false;
        return take_option(walk, &match, value, error);
    }
    return true;
}

static void take_rest(struct walk *walk)
{
    while (walk->next < walk->argc)
        walk->line->words[walk->line->word_count++] = walk->argv[walk->next++];
}

static bool parse_words(struct walk *walk, struct error *error)
{
    while (walk->next < walk->argc && !walk->has_stopped) {
        char *word = walk->argv[walk->next++];
        bool is_parsed = true;

        if (strcmp(word, "--") == 0)
            take_rest(walk);
        else if (strncmp(word, "--", 2) == 0)
            is_parsed = parse_long(walk, word, error);
        else if (word[0] == '-' && word[1] != '\0')
            is_parsed = parse_letters(walk, word, error);
        else
            walk->line->words[walk->line->word_count++] = word;
        if (!is_parsed)
            return false;
    }
    return true;
}

static bool apply_variable(const struct option_match *match, void *arguments, struct error *error)
{
    const char *variable = match->option->environment;
    char *value = variable == NULL ? NULL : getenv(variable);

    if (value == NULL || value[0] == '\0' || option_apply(match, arguments, value, error))
        return true;
    error_prefix(error, "environment variable %s", variable);
    return false;
}

static bool apply_environment(const struct option_group *groups, void *arguments,
                              struct error *error)
{
    for (const struct option_group *group = groups; group->options != NULL; group++) {
        for (const struct option *option = group->options; option->name != NULL; option++) {
            struct option_match match = {.option = option, .group = group};
            if (!apply_variable(&match, arguments, error))
                return false;
        }
    }
    return true;
}

/* Every letter of every word could be an option. */
static size_t count_characters(int argc, char **argv)
{
    size_t count = 0;

    for (int i = 1; i < argc; i++)
        count += strlen(argv[i]);
    return count;
}

bool command_line_parse(struct command_line *line, const struct option_group *groups,
                        void *arguments, int argc, char **argv, struct error *error)
{
    struct walk walk = {.line = line,
                        .groups = groups,
                        .arguments = arguments,
                        .argc = argc,
                        .argv = argv,
                        .next = 1};

    *line = (struct command_line){0};
    line->words = memory_allocate((size_t)argc + 1, sizeof line->words[0]);
    size_t options_at_most = count_characters(argc, argv);
    line->given = memory_allocate(options_at_most + 1, sizeof(const struct option *));
    line->passed = memory_allocate(options_at_most + 1, sizeof line->passed[0]);
    if (apply_environment(groups, arguments, error) && parse_words(&walk, error))
        return true;
    command_line_clear(line);
    return false;
}

void command_line_clear(struct command_line *line)
{
    for (size_t i = 0; i < line->passed_count; i++)
        free(line->passed[i]);
    free(line->passed);
    free(line->given);
    free(line->words);
    *line = (struct command_line){0};
}

static const struct option *find_given(const struct command_line *line, const char *option_name)
{
    for (size_t i = 0; i < line->given_count; i++)
        if (strcmp(line->given[i]->name, option_name) == 0)
            return line->given[i];
    return NULL;
}

bool command_line_has(const struct command_line *line, const char *option_name)
{
    return find_given(line, option_name) != NULL;
}

struct pgfast_string_list command_line_lend_passed(const struct command_line *line)
{
    return (struct pgfast_string_list){.items = (const char *const *)line->passed,
                                       .count = line->passed_count};
}

static bool check_rule(const struct command_line *line, const struct option_rule *rule,
                       struct error *error)
{
    const struct option *first = find_given(line, rule->first);
    const struct option *second = find_given(line, rule->second);
    char first_label[OPTION_LABEL_BYTES], second_label[OPTION_LABEL_BYTES];

    if (first == NULL)
        return true;
    option_label(first, first_label);
    if (rule->needs && second == NULL)
        return error_set(error, ERROR_USAGE, "option %s requires option --%s", first_label,
                         rule->second);
    if (rule->needs || second == NULL)
        return true;
    option_label(second, second_label);
    return error_set(error, ERROR_USAGE, "options %s and %s cannot be used together", first_label,
                     second_label);
}

bool command_line_check(const struct command_line *line, const struct option_rule *rules,
                        size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!check_rule(line, &rules[i], error))
            return false;
    return true;
}
