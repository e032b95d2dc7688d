#include "cli/follow.h"

#include "cli/exit_code.h"
#include "cli/failures.h"
#include "cli/log.h"
#include "cli/progress.h"
#include "cli/report_file.h"
#include "cli/signals.h"

#include <stdio.h>
#include <string.h>

/* How soon a signal is noticed, and how often the progress may move. */
#define LOOK_INTERVAL_MS 100

struct follow {
    struct pgfast_run *run;
    struct report_subject subject;
    struct report_file *file;
    bool is_verbose;
    bool is_cancelling;
    struct progress progress;
    struct failures failures;
};

static const char *signal_name(int signal_number)
{
    const char *name = sigabbrev_np(signal_number);

    return name == NULL ? "unknown" : name;
}

static void pass_signal_on(struct follow *follow)
{
    int signal_number = signals_received();

    if (signal_number == 0 || follow->is_cancelling)
        return;
    follow->is_cancelling = true;
    progress_erase(&follow->progress);
    log_line("cancelling after SIG%s; once more ends the program at once",
             signal_name(signal_number));
    pgfast_cancel(follow->run);
}

/* Someone at a terminal wants to know what is going on; a mail from cron should come for trouble
 * only. */
static bool wants_event(const struct follow *follow, enum pgfast_event_kind kind)
{
    if (kind == PGFAST_EVENT_OBJECT_FAILED && follow->subject.kind == REPORT_VERIFY)
        return false; /* a line for each is all that is wanted, and they come at the end */
    if (kind == PGFAST_EVENT_WARNING || follow->is_verbose)
        return true;
    return kind == PGFAST_EVENT_INFO && follow->progress.style == PROGRESS_LIVE;
}

static void tell_event(struct follow *follow, const struct pgfast_event *event)
{
    report_file_take_event(follow->file, event);
    if (event->kind == PGFAST_EVENT_OBJECT_FAILED)
        failures_add(&follow->failures, event);
    if (!wants_event(follow, event->kind))
        return;
    progress_erase(&follow->progress);
    if (event->kind == PGFAST_EVENT_WARNING)
        log_warning("%s", event->message);
    else if (event->kind == PGFAST_EVENT_OBJECT_FAILED)
        log_failure("failed", follow->failures.items[follow->failures.count - 1].line);
    else
        log_line("%s", event->message);
}

static void follow_to_end(struct follow *follow)
{
    struct pgfast_event event;
    bool is_running = true;

    while (is_running) {
        if (pgfast_next_event(follow->run, LOOK_INTERVAL_MS, &event, &is_running))
            tell_event(follow, &event);
        pass_signal_on(follow);
        progress_show(&follow->progress, follow->run);
    }
    progress_erase(&follow->progress);
}

/* Who verifies has asked a question, and gets his answer wherever he is. */
static void report_success(const struct follow *follow, const struct pgfast_report *report)
{
    char line[REPORT_LINE_BYTES];

    if (follow->progress.style == PROGRESS_NONE && follow->subject.kind != REPORT_VERIFY)
        return;
    report_format(line, sizeof line, follow->subject, report);
    log_line("%s", line);
}

/* A run that was told to stop may fail with whatever that broke first: the reason is the signal. */
static int report_failure(struct error *error)
{
    int signal_number = signals_received();

    if (signal_number != 0) {
        error_set(error, ERROR_CANCELLED, "cancelled by SIG%s", signal_name(signal_number));
        log_error(error);
        return exit_code_of_signal(signal_number);
    }
    log_error(error);
    return exit_code_of(error->kind);
}

/* A report that cannot be written is no reason to call a failed run anything else. */
static int end_file(struct report_file *file, int exit_code, const struct pgfast_report *report,
                    const struct error *failure)
{
    struct error error;

    if (report_file_end(file, exit_code, report, failure, &error))
        return exit_code;
    log_error(&error);
    return exit_code == EXIT_CODE_OK ? exit_code_of(error.kind) : exit_code;
}

static int follow_run(struct pgfast_run *run, struct report_subject subject,
                      struct report_file *file, bool is_verbose)
{
    struct follow follow = {
        .run = run,
        .subject = subject,
        .file = file,
        .is_verbose = is_verbose,
        .progress.style = progress_choose_style(is_verbose),
        .failures.tells_damage = subject.kind == REPORT_VERIFY,
    };
    struct pgfast_report report;
    struct error error;
    int exit_code = EXIT_CODE_OK;

    follow_to_end(&follow);
    bool has_succeeded = pgfast_finish(run, &report, &error);
    failures_print(&follow.failures);
    if (has_succeeded)
        report_success(&follow, &report);
    else
        exit_code = report_failure(&error);
    failures_clear(&follow.failures);
    return end_file(file, exit_code, &report, has_succeeded ? NULL : &error);
}

int follow_command(const struct command *command, struct report_subject subject,
                   const struct general_arguments *general, const struct follow_start *start)
{
    const struct report_file_subject file_subject = {command->name, subject.archive};
    struct report_file *file;
    struct error error;

    if (!report_file_begin(&file, general->report_path, file_subject, &error))
        return command_fail(command, &error);
    struct pgfast_run *run = start->start(start->arguments, start->line, &error);
    if (run == NULL)
        return end_file(file, command_fail(command, &error), NULL, &error);
    return follow_run(run, subject, file, general->is_verbose);
}
