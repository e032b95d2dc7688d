#include "cli/command.h"
#include "cli/exit_code.h"

#include <string.h>

static const struct option_group groups[] = {
    {.title = "General options", .options = general_options},
    {0},
};

static void print_overview(void)
{
    puts("pgfast dumps and restores PostgreSQL databases, over several sessions at once.\n\n"
         "Usage:\n  pgfast COMMAND [OPTION]...\n\nCommands:");
    for (size_t i = 0; commands[i] != NULL; i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    puts("\nGeneral options:\n"
         "  -V, --version                show the version, then exit\n"
         "  -?, --help                   show this help, then exit\n\n"
         "See pgfast help COMMAND, or pgfast COMMAND --help, and pgfast help exit-codes.");
}

static bool print_topic(const char *topic, struct error *error)
{
    const struct command *command = command_find(topic);

    if (command != NULL) {
        command_print_help(stdout, command);
        return true;
    }
    if (strcmp(topic, "exit-codes") == 0) {
        puts("Exit codes of pgfast:\n");
        exit_code_print_table(stdout);
        return true;
    }
    error_set(error, ERROR_USAGE, "no help for \"%s\"", topic);
    error_hint(error, "Topics are the commands and \"exit-codes\"; see pgfast help.");
    return false;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct general_arguments general = {0};
    struct command_line line;
    struct error error;
    int exit_code;

    if (!command_begin(command, &line, &general, &general, argc, argv, &exit_code))
        return exit_code;
    exit_code = EXIT_CODE_OK;
    if (line.word_count == 0)
        print_overview();
    else if (!command_check_words(&line, 1, &error) || !print_topic(line.words[0], &error))
        exit_code = command_fail(command, &error);
    command_line_clear(&line);
    return exit_code;
}

const struct command command_help = {
    .name = "help",
    .summary = "explain a command, or the exit codes",
    .synopsis = "[COMMAND | exit-codes]",
    .notes = "",
    .groups = groups,
    .run = run,
};
