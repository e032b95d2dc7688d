/* Starts a run and stays with it until its end: prints its events, draws its progress, passes
 * signals on to it, and reports. */
#ifndef PGFAST_CLI_FOLLOW_H
#define PGFAST_CLI_FOLLOW_H

#include "cli/command.h"
#include "cli/report.h"
#include "engine/pgfast.h"

/* How a command starts its run; the file of --report says "running" by then. */
struct follow_start {
    /* Checks the arguments, and calls signals_catch() before the run begins. NULL: `error` says why
     * there is none. */
    struct pgfast_run *(*start)(void *arguments, const struct command_line *line,
                                struct error *error);
    void *arguments;
    const struct command_line *line;
};

/* Returns the exit code. */
int follow_command(const struct command *command, struct report_subject subject,
                   const struct general_arguments *general, const struct follow_start *start);

#endif
