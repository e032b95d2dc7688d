/* The beginning of a restore's part in its journal, on the coordinator's session: a new journal, or
 * one that another run has left. */
#ifndef PGFAST_RESTORE_JOURNAL_BEGIN_H
#define PGFAST_RESTORE_JOURNAL_BEGIN_H

#include "engine/restore/journal_course.h"
#include "engine/restore/run.h"
#include "engine/restore/target.h"

struct journal_request {
    const struct restore_options *options;
    const struct archive *archive;
    const struct selection *selection;
    bool keeps_order; /* the plan, for want of sessions */
    bool resumes;     /* also without --resume: the run itself, after a crash of the server */
};

/* After it, unless the course is JOURNAL_NONE, the target takes part in the journal of `run`, which
 * the caller makes that of the settings. JOURNAL_RESUMED: run->done is filled, and *keeps_order is
 * how the plan was made then. False: the restore must not begin. */
bool journal_begin(const struct journal_request *request, struct target *target,
                   struct journal_run *run, enum journal_course *course, bool *keeps_order,
                   struct error *error) MUST_CHECK;

#endif
