/* Options that every command has. */
#ifndef PGFAST_CLI_OPTIONS_GENERAL_H
#define PGFAST_CLI_OPTIONS_GENERAL_H

#include "cli/option.h"

struct general_arguments {
    bool is_verbose, wants_help, wants_version;
    const char *report_path; /* NULL: no report is wanted */
};

extern const struct option general_options[];
extern const struct option report_options[]; /* of commands that run long; the same struct */
extern const struct option stall_options[];  /* of those with sessions; into unsigned seconds */

/* NULL, "d" and "directory" are what pgfast writes and reads; the others are refused by name. */
bool general_check_format(const char *format, const char *way_out, struct error *error) MUST_CHECK;

#endif
