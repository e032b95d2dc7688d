/* Stays with a run until its end: prints its events, draws its progress, passes signals on to it,
 * and reports. */
#ifndef PGFAST_CLI_FOLLOW_H
#define PGFAST_CLI_FOLLOW_H

#include "cli/report.h"
#include "engine/pgfast.h"

/* Frees the run. Returns the exit code. signals_catch() comes before. */
int follow_run(struct pgfast_run *run, struct report_subject subject, bool is_verbose);

#endif
