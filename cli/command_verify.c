#include "cli/command.h"
#include "cli/follow.h"
#include "cli/signals.h"

struct verify_arguments {
    struct general_arguments general;
    struct pgfast_verify_options verify;
};

static const struct option_choice jobs_words[] = {{"auto", 0}, {0}};

static const struct option verify_options[] = {
    {.name = "deep",
     .kind = OPTION_FLAG,
     .member = offsetof(struct verify_arguments, verify.is_deep),
     .help = "decode every file, and count its rows"},
    {.name = "jobs",
     .letter = 'j',
     .kind = OPTION_COUNT,
     .member = offsetof(struct verify_arguments, verify.jobs),
     .value_name = "NUM",
     .choices = jobs_words,
     .minimum = 1,
     .maximum = 1024,
     .help = "threads\n(default: auto, one a processor)"},
    {0},
};

static const struct option_group groups[] = {
    {.title = "General options", .options = verify_options},
    {.options = report_options, .target = offsetof(struct verify_arguments, general)},
    {.options = general_options, .target = offsetof(struct verify_arguments, general)},
    {0},
};

static struct pgfast_run *start(struct verify_arguments *arguments, const struct command_line *line,
                                struct error *error)
{
    struct pgfast_verify_options *options = &arguments->verify;

    if (!command_check_words(line, 1, error))
        return NULL;
    if (line->word_count == 0) {
        error_set(error, ERROR_USAGE, "no archive given");
        return NULL;
    }
    options->struct_bytes = sizeof *options;
    options->no_details = !arguments->general.is_verbose;
    options->input_path = line->words[0];
    signals_catch();
    return pgfast_verify_start(options, error);
}

static int run_verify(const struct command *command, struct verify_arguments *arguments,
                      const struct command_line *line)
{
    const char *archive = line->word_count > 0 ? line->words[0] : NULL;
    const struct report_file_subject subject = {command->name, archive};
    struct report_file *file;
    struct error error;

    if (!report_file_begin(&file, arguments->general.report_path, subject, &error))
        return command_fail(command, &error);
    struct pgfast_run *started = start(arguments, line, &error);
    if (started == NULL)
        return follow_nothing(command, file, &error);
    return follow_run(started, (struct report_subject){.kind = REPORT_VERIFY, .archive = archive},
                      file, arguments->general.is_verbose);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct verify_arguments arguments = {0};
    struct command_line line;
    int exit_code;

    if (!command_begin(command, &line, &arguments, &arguments.general, argc, argv, &exit_code))
        return exit_code;
    exit_code = run_verify(command, &arguments, &line);
    command_line_clear(&line);
    return exit_code;
}

const struct command command_verify = {
    .name = "verify",
    .summary = "find out whether an archive is whole, without a server",
    .synopsis = "[OPTION]... DIR",
    .notes = "All files are compared with what the manifest says was written. An archive of\n"
             "pg_dump has no manifest: its files are always decoded, each must be complete.\n"
             "Exit code: 0 whole, 30 damaged, 31 never finished, 32 of a format not read here.\n",
    .groups = groups,
    .run = run,
};
