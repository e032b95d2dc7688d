/* What became of a run, for programs: --report=FILE, JSON with a stable schema (README.md). The
 * file is there from the beginning and says "running" until the end, so that nobody takes the
 * report of last night for that of this one. Each write replaces the file at once. */
#ifndef PGFAST_CLI_REPORT_FILE_H
#define PGFAST_CLI_REPORT_FILE_H

#include "cli/report.h"
#include "engine/pgfast.h"

struct report_file;

/* What the report is of; the strings must live as long as the report. */
struct report_file_subject {
    const char *command; /* "dump" */
    const char *archive; /* as the user named it */
};

/* path NULL: *file becomes NULL, which all below accept, and do nothing. */
bool report_file_begin(struct report_file **file, const char *path,
                       struct report_file_subject subject, struct error *error) MUST_CHECK;

/* Warnings and failed objects; of floods the first thousands are kept, and all are counted. */
void report_file_take_event(struct report_file *file, const struct pgfast_event *event);

/* `report` NULL: the run did not even start; `error` NULL: all is done. Frees the file. */
bool report_file_end(struct report_file *file, int exit_code, const struct pgfast_report *report,
                     const struct error *failure, struct error *error) MUST_CHECK;

#endif
