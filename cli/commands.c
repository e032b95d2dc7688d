#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/log.h"
#include "cli/option_help.h"
#include "cli/signals.h"

#include <string.h>

const struct command *const commands[] = {
    &command_dump, &command_restore, &command_list, &command_verify, &command_help, NULL,
};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

void command_print_help(FILE *stream, const struct command *command)
{
    fprintf(stream, "pgfast %s: %s\n\nUsage:\n  pgfast %s %s\n", command->name, command->summary,
            command->name, command->synopsis);
    option_help_print(stream, command->groups);
    if (command->notes[0] != '\0')
        fprintf(stream, "\n%s", command->notes);
}

int command_fail(const struct command *command, struct error *error)
{
    if (error->kind == ERROR_USAGE && error->hint[0] == '\0')
        error_hint(error, "Try \"pgfast %s --help\" for more information.", command->name);
    log_error(error);
    if (error->kind == ERROR_CANCELLED && signals_received() != 0)
        return exit_code_of_signal(signals_received());
    return exit_code_of(error->kind);
}

bool command_begin(const struct command *command, struct command_line *line, void *arguments,
                   const struct general_arguments *general, int argc, char **argv, int *exit_code)
{
    struct error error;

    if (!command_line_parse(line, command->groups, arguments, argc, argv, &error)) {
        *exit_code = command_fail(command, &error);
        return false;
    }
    if (!general->wants_help && !general->wants_version)
        return true;
    if (general->wants_help)
        command_print_help(stdout, command);
    else
        puts("pgfast " PGFAST_VERSION);
    command_line_clear(line);
    *exit_code = EXIT_CODE_OK;
    return false;
}

bool command_check_words(const struct command_line *line, size_t at_most, struct error *error)
{
    if (line->word_count <= at_most)
        return true;
    return error_set(error, ERROR_USAGE, "too many command-line arguments (first is \"%s\")",
                     line->words[at_most]);
}
