#include "cli/archive_listing.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/follow.h"
#include "cli/options_restore.h"
#include "cli/signals.h"

static const struct option_group groups[] = {
    {.title = "General options", .options = restore_run_options},
    {.options = stall_options, .target = offsetof(struct restore_arguments, restore.stall_seconds)},
    {.options = report_options, .target = offsetof(struct restore_arguments, general)},
    {.options = general_options, .target = offsetof(struct restore_arguments, general)},
    {.title = "What to restore",
     .options = selection_options,
     .target = offsetof(struct restore_arguments, selection)},
    {.title = "Connection options",
     .options = connection_options,
     .target = offsetof(struct restore_arguments, connection)},
    {.options = restore_session_options},
    {0},
};

static bool check_target(const struct restore_arguments *arguments, struct error *error)
{
    bool has_database = arguments->connection.database != NULL;

    if (has_database && arguments->wants_list)
        return error_set(error, ERROR_USAGE,
                         "options -d/--dbname and -l/--list cannot be used together");
    if (!has_database && !arguments->wants_list && !arguments->is_dry_run)
        return error_set(error, ERROR_USAGE, "one of -d/--dbname and -l/--list must be specified");
    return true;
}

/* Jobs that the environment asks for give way to the option. */
static bool check_jobs(const struct restore_arguments *arguments, const struct command_line *line,
                       struct error *error)
{
    if (arguments->restore.single_transaction && arguments->restore.jobs != 1 &&
        command_line_has(line, "jobs"))
        return error_set(error, ERROR_USAGE,
                         "cannot specify both --single-transaction and multiple jobs");
    return true;
}

static bool check(const struct restore_arguments *arguments, const struct command_line *line,
                  struct error *error)
{
    static const struct option_rule rules[] = {
        {.first = "clean", .second = "data-only"},
        {.first = "create", .second = "single-transaction"},
        {.first = "untrusted", .second = "clean"},
        {.first = "untrusted", .second = "create"},
        {.first = "salvage", .second = "single-transaction"},
        {.first = "salvage", .second = "exit-on-error"},
        {.first = "resume", .second = "dry-run"},
        {.first = "resume", .second = "no-journal"},
        {.first = "resume", .second = "single-transaction"},
        {.first = "if-exists", .second = "clean", .needs = true},
    };

    if (!command_check_words(line, 1, error))
        return false;
    if (line->word_count == 0)
        return error_set(error, ERROR_USAGE, "no archive given");
    return check_target(arguments, error) && check_jobs(arguments, line, error) &&
           general_check_format(arguments->format, "Use pg_restore.", error) &&
           selection_check(line, error) &&
           command_line_check(line, rules, sizeof rules / sizeof rules[0], error);
}

static void fill_options(struct restore_arguments *arguments, const struct command_line *line)
{
    struct pgfast_restore_options *options = &arguments->restore;

    options->struct_bytes = sizeof *options;
    options->no_details = !arguments->general.is_verbose;
    options->input_path = line->words[0];
    options->selection = selection_lend(&arguments->selection);
    if (options->single_transaction)
        options->jobs = 1;
}

static struct pgfast_run *start(void *context, const struct command_line *line, struct error *error)
{
    struct restore_arguments *arguments = context;
    struct pgfast_restore_options *options = &arguments->restore;

    fill_options(arguments, line);
    if (!connection_prepare(&arguments->connection, &options->connection, error))
        return NULL;
    signals_catch();
    return pgfast_restore_start(options, error);
}

static int list(const struct command *command, const struct restore_arguments *arguments,
                const struct command_line *line)
{
    struct error error;

    if (archive_listing_print(line->words[0], &arguments->selection, arguments->general.is_verbose,
                              &error))
        return EXIT_CODE_OK;
    return command_fail(command, &error);
}

static int rehearse(const struct command *command, struct restore_arguments *arguments,
                    const struct command_line *line)
{
    struct error error;

    fill_options(arguments, line);
    if (arguments->connection.database != NULL &&
        !connection_prepare(&arguments->connection, &arguments->restore.connection, &error))
        return command_fail(command, &error);
    if (archive_listing_rehearse(&arguments->restore, &error))
        return EXIT_CODE_OK;
    return command_fail(command, &error);
}

static int run_restore(const struct command *command, struct restore_arguments *arguments,
                       const struct command_line *line)
{
    const struct report_subject subject = {REPORT_RESTORE, line->words[0]};
    const struct follow_start how = {start, arguments, line};

    return follow_command(command, subject, &arguments->general, &how);
}

static int restore(const struct command *command, struct restore_arguments *arguments,
                   const struct command_line *line)
{
    struct error error;

    if (!check(arguments, line, &error))
        return command_fail(command, &error);
    if (arguments->wants_list)
        return list(command, arguments, line);
    if (arguments->is_dry_run)
        return rehearse(command, arguments, line);
    return run_restore(command, arguments, line);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct restore_arguments arguments = {0};
    struct command_line line;
    int exit_code;

    if (!command_begin(command, &line, &arguments, &arguments.general, argc, argv, &exit_code))
        return exit_code;
    exit_code = restore(command, &arguments, &line);
    connection_forget(&arguments.connection);
    selection_clear(&arguments.selection);
    command_line_clear(&line);
    return exit_code;
}

const struct command command_restore = {
    .name = "restore",
    .summary = "restore a folder of pgfast dump or pg_dump -Fd into a database",
    .synopsis = "[OPTION]... -d DBNAME DIR",
    .notes = "The options -I, -n, -N, -P, -t, -T, and --section can be combined and given\n"
             "several times to select several objects. With -C, the database of -d is only\n"
             "connected to first. Exit codes: see pgfast help exit-codes.\n",
    .groups = groups,
    .run = run,
};
