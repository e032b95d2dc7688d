/* What a run has done, in one line. */
#ifndef PGFAST_CLI_REPORT_H
#define PGFAST_CLI_REPORT_H

#include "engine/pgfast.h"

enum report_kind { REPORT_DUMP, REPORT_RESTORE, REPORT_VERIFY };

/* Room for any of them: a path may be long. */
enum { REPORT_LINE_BYTES = 4096 + 512 };

/* What was done, and to which archive (in the line, verify alone names it). */
struct report_subject {
    enum report_kind kind;
    const char *archive; /* as the user named it; NULL: not at all */
};

/* "dumped 23 tables (45 files), 1234 rows, 4 large objects: 1.2 GB, stored in 340.2 MB, in 12.3 s
 * (100.1 MB/s)"; pure. */
void report_format(char *line, size_t room_bytes, struct report_subject subject,
                   const struct pgfast_report *report);

#endif
