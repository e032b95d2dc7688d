/* A restore on its way: what its steps hand on to each other. All of it belongs to the coordinator,
 * on whose thread every function runs that takes a struct restore; the team sees the plan, the
 * settings and the journal's part, as their own headers say. */
#ifndef PGFAST_RESTORE_RESTORE_H
#define PGFAST_RESTORE_RESTORE_H

#include "engine/archive/archive.h"
#include "engine/base/arena.h"
#include "engine/base/name_set.h"
#include "engine/flow/watch.h"
#include "engine/restore/account.h"
#include "engine/restore/plan.h"
#include "engine/restore/run.h"
#include "engine/restore/selection.h"
#include "engine/restore/target.h"
#include "engine/server/connection.h"
#include "engine/server/watchdog.h"

#include <stdbool.h>
#include <stdint.h>

struct restore {
    const struct restore_options *options; /* lent by the caller, as is the watch */
    struct watch *watch;
    struct arena *arena; /* selection, sizes and plan live in it */
    struct archive *archive;
    struct selection selection;
    uint64_t *stored_bytes; /* by place in the selection */
    struct plan plan;       /* owns the feeds of its shared loads */
    struct target_settings settings;
    struct account account;      /* its losses are owned here */
    struct name_set kept_tables; /* kept_tables.h */
    struct connection *connection;
    struct target *target; /* the coordinator's session; NULL while a team works */
    struct journal_run journal;
    unsigned crashes;          /* of the server, after which the work began again */
    struct watchdog *watchdog; /* from the first session on; restore_run stops it */
};

void restore_init(struct restore *restore, const struct restore_options *options,
                  struct watch *watch, struct restore_totals *totals);
void restore_clear(struct restore *restore); /* wherever it has got to */

/* One session takes the steps as they are in the archive, so nothing is cut in halves. */
bool restore_keeps_order(const struct restore *restore);

/* With what has been done before: by another run, or by this one before the server crashed. */
bool restore_goes_on(const struct restore *restore);

#endif
