/* One data file into a new table through several sessions, each with a share of the rows: what a
 * single stream would keep one session busy with. All rows are committed, or none; no session
 * commits before the file is proven and all have got their rows into the server. */
#ifndef PGFAST_RESTORE_LOAD_SHARED_H
#define PGFAST_RESTORE_LOAD_SHARED_H

#include "engine/restore/plan.h"
#include "engine/restore/target.h"

/* Makes and releases what the parts of a step share; between them the steps may be taken. */
void load_shared_prepare(struct plan *plan, const struct archive *archive, struct watch *watch);
void load_shared_release(struct plan *plan);

/* A session's part. Whichever comes first leads, and those that come too late have nothing to do.
 */
void load_shared(struct target *target, const struct plan_step *step, struct outcome *outcome);

/* All of it by this session, after a load has failed that may have committed shares. */
void load_shared_again(struct target *target, const struct plan_step *step,
                       struct outcome *outcome);

/* Empties the table of what an interrupted load has committed. */
bool load_shared_clear(struct target *target, const struct toc_entry *entry, const char *label,
                       struct error *error) MUST_CHECK;

#endif
