/* Words of a command line, one a line: those that are taken are options of the command, and what is
 * left over are the others; anything else is a wrong use. */
#include "cli/command.h"
#include "cli/options_dump.h"
#include "cli/options_restore.h"
#include "cli/secrets.h"
#include "cli/word_list.h"
#include "tests/fuzz/fuzz_target.h"

enum { WORDS_AT_MOST = 64 };

union arguments { /* of the commands tried */
    struct dump_arguments dump;
    struct restore_arguments restore;
};

static int split(char *text, char **argv)
{
    static char program[] = "pgfast";
    char *word;
    int argc = 0;

    argv[argc++] = program;
    while (argc < WORDS_AT_MOST && (word = strsep(&text, "\n")) != NULL)
        argv[argc++] = word;
    return argc;
}

/* As the rows say. */
static void release(const struct option_group *groups, union arguments *arguments)
{
    for (const struct option_group *group = groups; group->options != NULL; group++) {
        for (const struct option *option = group->options; option->name != NULL; option++) {
            char *member = (char *)arguments + group->target + option->member;
            if (option->kind == OPTION_LIST)
                word_list_clear((struct word_list *)(void *)member);
            if (option->kind == OPTION_SECRET) {
                secrets_free_text(*(char **)(void *)member);
                *(char **)(void *)member = NULL;
            }
        }
    }
}

static void expect_taken(const struct command_line *line, const struct option_group *groups,
                         int argc)
{
    expect(line->word_count < (size_t)argc, "no word is made up");
    for (size_t i = 0; i < line->given_count; i++) {
        const char *name = line->given[i]->name;
        struct option_match match;
        struct error error;
        expect(option_find_name(groups, name, strlen(name), &match, &error) &&
                   strcmp(match.option->name, name) == 0,
               "what is given is an option of the command");
        expect(command_line_has(line, name), "what is given can be asked for");
    }
    for (size_t i = 0; i < line->passed_count; i++)
        expect(line->passed[i][0] == '-', "only options are passed on");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct command *const tried[] = {&command_dump, &command_restore};
    union arguments arguments;
    struct command_line line;
    struct error error;
    char *argv[WORDS_AT_MOST];

    if (size == 0)
        return 0;
    const struct option_group *groups = tried[data[0] % 2]->groups;
    char *text = copy_as_text(data + 1, size - 1);
    int argc = split(text, argv);

    memset(&arguments, 0, sizeof arguments);
    if (command_line_parse(&line, groups, &arguments, argc, argv, &error)) {
        expect_taken(&line, groups, argc);
        command_line_clear(&line);
    } else {
        expect(error.kind == ERROR_USAGE, "what is not understood is a wrong use");
    }
    release(groups, &arguments);
    free(text);
    return 0;
}
