#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/follow.h"
#include "cli/options_dump.h"
#include "cli/options_selection.h"
#include "cli/secrets.h"
#include "cli/signals.h"

#include <stdio.h>
#include <string.h>

#define CONNECTION offsetof(struct dump_arguments, connection)
#define GENERAL offsetof(struct dump_arguments, general)

static const struct option_group groups[] = {
    {.title = "General options", .options = dump_output_options},
    {.options = stall_options, .target = offsetof(struct dump_arguments, dump.stall_seconds)},
    {.options = report_options, .target = GENERAL},
    {.options = general_options, .target = GENERAL},
    {.title = "What to dump, and how to define it (as pg_dump means it)",
     .options = dump_content_options},
    {.options = dump_refused_options},
    {.title = "Connection options", .options = connection_options, .target = CONNECTION},
    {.options = dump_session_options},
    {0},
};

/* As in pg_dump, the first word names the database where -d does not. */
static void take_database(struct dump_arguments *arguments, const struct command_line *line)
{
    if (arguments->connection.database == NULL && line->word_count > 0)
        arguments->connection.database = secrets_take_text(line->words[0]);
}

static bool check(const struct dump_arguments *arguments, const struct command_line *line,
                  struct error *error)
{
    static const struct option_rule rules[] = {
        {.first = "clean", .second = "data-only"},
        {.first = "if-exists", .second = "clean", .needs = true},
        {.first = "schema-only", .second = "include-foreign-data"},
        {.first = "split-size", .second = "no-split"},
        {.first = "snapshot", .second = "serializable-deferrable"},
    };
    size_t database_words = command_line_has(line, "dbname") ? 0 : 1;

    if (!command_check_words(line, database_words, error))
        return false;
    if (arguments->dump.output_path == NULL || arguments->dump.output_path[0] == '\0')
        return error_set(error, ERROR_USAGE, "no output folder given: option -f/--file is missing");
    return general_check_format(arguments->format,
                                "Use pg_dump, or make it from the folder with pg_restore -f.",
                                error) &&
           selection_check(line, error) &&
           command_line_check(line, rules, sizeof rules / sizeof rules[0], error);
}

static struct pgfast_run *start(void *context, const struct command_line *line, struct error *error)
{
    struct dump_arguments *arguments = context;
    struct pgfast_dump_options *options = &arguments->dump;

    take_database(arguments, line);
    if (!check(arguments, line, error))
        return NULL;
    options->struct_bytes = sizeof *options;
    options->no_details = !arguments->general.is_verbose;
    options->reader_version = (int)arguments->reader_version;
    options->pg_dump_arguments = command_line_lend_passed(line);
    if (!connection_prepare(&arguments->connection, &options->connection, error))
        return NULL;
    signals_catch();
    return pgfast_dump_start(options, error);
}

static int explain_placement(const struct command *command, const struct dump_arguments *arguments)
{
    char text[32 * 1024];
    struct error error;

    if (!pgfast_describe_placement(arguments->dump.jobs, arguments->dump.memory_bytes, text,
                                   sizeof text, &error))
        return command_fail(command, &error);
    fputs(text, stdout);
    return EXIT_CODE_OK;
}

static int run_dump(const struct command *command, struct dump_arguments *arguments,
                    const struct command_line *line)
{
    const struct report_subject subject = {REPORT_DUMP, arguments->dump.output_path};
    const struct follow_start how = {start, arguments, line};

    return follow_command(command, subject, &arguments->general, &how);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct dump_arguments arguments = {0};
    struct command_line line;
    int exit_code;

    if (!command_begin(command, &line, &arguments, &arguments.general, argc, argv, &exit_code))
        return exit_code;
    exit_code = arguments.explains_placement ? explain_placement(command, &arguments)
                                             : run_dump(command, &arguments, &line);
    connection_forget(&arguments.connection);
    command_line_clear(&line);
    return exit_code;
}

const struct command command_dump = {
    .name = "dump",
    .summary = "dump a database into a folder, over several sessions at once",
    .synopsis = "[OPTION]... -f DIR [DBNAME]",
    .notes = "The folder is an archive in pg_dump's directory format: pgfast restore and\n"
             "pg_restore both read it. It appears under its name once it is complete.\n"
             "If no database name is supplied, PGDATABASE is used. Passwords come from\n"
             "~/.pgpass or a prompt. Exit codes: see pgfast help exit-codes.\n",
    .groups = groups,
    .run = run,
};
