/* What a plan has left to do when an earlier run has done some of it. Pure. */
#ifndef PGFAST_RESTORE_RESUME_H
#define PGFAST_RESTORE_RESUME_H

#include "engine/base/arena.h"
#include "engine/restore/journal_keys.h"
#include "engine/restore/plan.h"

#include <stddef.h>

struct resume {
    size_t done_count; /* entries, of those that the plan counts as wanted */

    /* Failures that the earlier run has told, and that cannot be mended by trying again. */
    const struct toc_entry **flawed; /* there, but something about them failed */
    size_t flawed_count;
    const struct toc_entry **forfeited; /* rows that failed to load: by now triggers would fire */
    size_t forfeited_count;

    const struct toc_entry **half_loaded; /* tables that hold shares of rows: to be emptied first */
    size_t half_loaded_count;
};

/* Takes the definitions that are done out of the plan's list, and marks the steps. What failed is
 * not done, and comes again. The lists live in the arena. */
void resume_apply(struct resume *resume, struct plan *plan, struct arena *arena,
                  const struct journal_keys *done);

#endif
