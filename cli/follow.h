/* Stays with a run until its end: prints its events, draws its progress, passes signals on to it,
 * and reports. */
#ifndef PGFAST_CLI_FOLLOW_H
#define PGFAST_CLI_FOLLOW_H

#include "cli/command.h"
#include "cli/report.h"
#include "cli/report_file.h"
#include "engine/pgfast.h"

/* Frees the run, and ends the report file (NULL: none is wanted). Returns the exit code.
 * signals_catch() comes before. */
int follow_run(struct pgfast_run *run, struct report_subject subject, struct report_file *file,
               bool is_verbose);

/* In place of a run that could not even start. */
int follow_nothing(const struct command *command, struct report_file *file, struct error *error);

#endif
