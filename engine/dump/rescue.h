/* Values that COPY's text form cannot carry: a bytea beyond half a gigabyte is more text than a
 * server can make at once. The piece that holds one is read again in binary format, where its
 * columns have one; the rest of the table stays what it is. */
#ifndef PGFAST_DUMP_RESCUE_H
#define PGFAST_DUMP_RESCUE_H

#include "engine/base/arena.h"
#include "engine/dump/plan.h"
#include "engine/server/session.h"

/* Did the task fail for the size of a value, and may a second attempt go better? Pure. */
bool rescue_is_called_for(const struct copy_task *task, const struct error *error);

/* The second attempt, as a task with an entry of its own (another file, another copy statement) to
 * take the place of the first in the table of contents. False, with `error` as it was but for a
 * hint, or with the failure to ask: there can be none. */
bool rescue_plan(struct copy_task *rescued, struct toc_entry *entry, struct arena *arena,
                 struct session *session, const struct copy_task *task,
                 struct error *error) MUST_CHECK;

#endif
