#include "cli/command.h"
#include "cli/follow.h"
#include "cli/options_connection.h"
#include "cli/signals.h"

struct verify_arguments {
    struct general_arguments general;
    struct pgfast_verify_options verify;
    struct connection_arguments connection;
};

static const struct option_choice jobs_words[] = {{"auto", 0}, {0}};

static const struct option verify_options[] = {
    {.name = "deep",
     .kind = OPTION_FLAG,
     .member = offsetof(struct verify_arguments, verify.is_deep),
     .help = "decode every file, and count its rows"},
    {.name = "against",
     .kind = OPTION_SECRET,
     .member = offsetof(struct verify_arguments, connection.database),
     .value_name = "DBNAME",
     .help = "also compare the contents of this database,\na connection string or URI, with the "
             "archive's"},
    {.name = "jobs",
     .letter = 'j',
     .kind = OPTION_COUNT,
     .member = offsetof(struct verify_arguments, verify.jobs),
     .value_name = "NUM",
     .choices = jobs_words,
     .minimum = 1,
     .maximum = 1024,
     .help = "threads, and sessions of --against\n(default: auto, one a processor)"},
    {0},
};

static const struct option_group groups[] = {
    {.title = "General options", .options = verify_options},
    {.options = report_options, .target = offsetof(struct verify_arguments, general)},
    {.options = general_options, .target = offsetof(struct verify_arguments, general)},
    {.title = "Connection options",
     .options = connection_options,
     .target = offsetof(struct verify_arguments, connection)},
    {0},
};

/* How to connect says nothing without a database to compare with. */
static bool check(const struct verify_arguments *arguments, const struct command_line *line,
                  struct error *error)
{
    static const char *const others[] = {"host", "port", "username", "password", "no-password"};

    if (!command_check_words(line, 1, error))
        return false;
    if (line->word_count == 0)
        return error_set(error, ERROR_USAGE, "no archive given");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (arguments->connection.database == NULL && command_line_has(line, others[i]))
            return error_set(error, ERROR_USAGE, "option --%s needs --against", others[i]);
    return true;
}

static struct pgfast_run *start(void *context, const struct command_line *line, struct error *error)
{
    struct verify_arguments *arguments = context;
    struct pgfast_verify_options *options = &arguments->verify;

    if (!check(arguments, line, error))
        return NULL;
    options->struct_bytes = sizeof *options;
    options->no_details = !arguments->general.is_verbose;
    options->input_path = line->words[0];
    options->is_against = arguments->connection.database != NULL;
    if (options->is_against &&
        !connection_prepare(&arguments->connection, &options->connection, error))
        return NULL;
    signals_catch();
    return pgfast_verify_start(options, error);
}

static int run_verify(const struct command *command, struct verify_arguments *arguments,
                      const struct command_line *line)
{
    const char *archive = line->word_count > 0 ? line->words[0] : NULL;
    const struct report_subject subject = {REPORT_VERIFY, archive};
    const struct follow_start how = {start, arguments, line};

    return follow_command(command, subject, &arguments->general, &how);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct verify_arguments arguments = {0};
    struct command_line line;
    int exit_code;

    if (!command_begin(command, &line, &arguments, &arguments.general, argc, argv, &exit_code))
        return exit_code;
    exit_code = run_verify(command, &arguments, &line);
    connection_forget(&arguments.connection);
    command_line_clear(&line);
    return exit_code;
}

const struct command command_verify = {
    .name = "verify",
    .summary = "find out whether an archive is whole, and what a database holds",
    .synopsis = "[OPTION]... DIR",
    .notes = "All files are compared with what the manifest says was written. An archive of\n"
             "pg_dump has no manifest: its files are always decoded, each must be complete.\n"
             "Exit code: 0 whole, 30 damaged, 31 never finished, 32 of a format not read here,\n"
             "42 the database holds something else.\n",
    .groups = groups,
    .run = run,
};
