/* The sessions that read a dump's tasks: a crew of workers on the shared snapshot, and the
 * coordinator, whose session already holds every lock and therefore reads what a worker could not
 * lock. */
#ifndef PGFAST_DUMP_WORKERS_H
#define PGFAST_DUMP_WORKERS_H

#include "engine/dump/pipeline.h"
#include "engine/dump/plan.h"
#include "engine/dump/run.h"
#include "engine/server/session.h"

struct workers_request {
    const struct dump_options *options;
    const struct connection *connection; /* pinned */
    const char *snapshot; /* exported by the coordinator, whose transaction stays open */
    const char *encoding; /* the archive's */
    const struct dump_plan *plan;
    struct session *coordinator;
    struct pipeline *pipeline;
    struct arena *const
        *arenas;    /* one per worker and one more for the coordinator; they outlive the pipeline */
    unsigned count; /* workers, at least 1 */
    struct watch *watch;
};

/* Runs every task of the plan to its end. False with the first failure; the run is then cancelled.
 */
bool workers_run(const struct workers_request *request, struct error *error) MUST_CHECK;

#endif
