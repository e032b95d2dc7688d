#include "cli/archive_listing.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/options_selection.h"

struct list_arguments {
    struct general_arguments general;
    struct selection_arguments selection;
    const char *format;
};

static const struct option list_options[] = {
    {.name = "format",
     .letter = 'F',
     .kind = OPTION_TEXT,
     .member = offsetof(struct list_arguments, format),
     .value_name = "d",
     .help = "archive format: directory, the only one"},
    {0},
};

static const struct option_group groups[] = {
    {.title = "General options", .options = list_options},
    {.options = general_options, .target = offsetof(struct list_arguments, general)},
    {.title = "What to list",
     .options = selection_options,
     .target = offsetof(struct list_arguments, selection)},
    {0},
};

static bool list(const struct list_arguments *arguments, const struct command_line *line,
                 struct error *error)
{
    if (!command_check_words(line, 1, error))
        return false;
    if (line->word_count == 0)
        return error_set(error, ERROR_USAGE, "no archive given");
    if (!general_check_format(arguments->format, "Use pg_restore -l.", error) ||
        !selection_check(line, error))
        return false;
    return archive_listing_print(line->words[0], &arguments->selection,
                                 arguments->general.is_verbose, error);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct list_arguments arguments = {0};
    struct command_line line;
    struct error error;
    int exit_code;

    if (!command_begin(command, &line, &arguments, &arguments.general, argc, argv, &exit_code))
        return exit_code;
    exit_code = list(&arguments, &line, &error) ? EXIT_CODE_OK : command_fail(command, &error);
    selection_clear(&arguments.selection);
    command_line_clear(&line);
    return exit_code;
}

const struct command command_list = {
    .name = "list",
    .summary = "print the contents of an archive, as pg_restore -l does",
    .synopsis = "[OPTION]... DIR",
    .notes = "The output, edited or not, can be given to pgfast restore -L.\n",
    .groups = groups,
    .run = run,
};
