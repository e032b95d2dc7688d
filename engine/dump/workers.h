/* The sessions that read a dump's tasks: a crew of workers on the shared snapshot, and the
 * coordinator, whose session already holds every lock and therefore reads what a worker could not
 * lock. Tasks come in waves, which the workers read in order. */
#ifndef PGFAST_DUMP_WORKERS_H
#define PGFAST_DUMP_WORKERS_H

#include "engine/dump/pipeline.h"
#include "engine/dump/plan.h"
#include "engine/dump/run.h"
#include "engine/server/session.h"

struct workers;
struct losses;

struct workers_options {
    const struct dump_options *options;
    const struct connection *connection; /* pinned */
    const char *encoding;                /* the archive's */
    const char *server_mark;             /* the coordinator's (same_server.h) */
    struct session *coordinator;
    struct pipeline *pipeline;
    struct arena *const
        *arenas;    /* one per worker and one more for the coordinator; they outlive the pipeline */
    unsigned count; /* workers, at least 1 */
    struct watch *watch;
};

struct wave_request {
    const char *snapshot; /* exported by the coordinator, whose transaction stays open */
    const struct copy_task *tasks;
    size_t count;
};

/* What the coordinator's transaction holds, all of it by the time the last wave is added. */
struct holding {
    const char *snapshot; /* as it exports it */
    const char *oids;     /* of the tables it has locked, as an oid[] */
    size_t count;         /* of them */
};

/* Starts the crew, which waits for waves. */
bool workers_start(struct workers **workers, const struct workers_options *options,
                   struct error *error) MUST_CHECK;

/* At most WORKERS_MOST_WAVES times; what the request points at outlives the workers. Does not
 * wait: of a failure, workers_finish tells, but the run is cancelled at once. */
enum { WORKERS_MOST_WAVES = 4 };
void workers_add(struct workers *workers, const struct wave_request *request);

/* Should it take long, another session will hold the same (keeper.h), and its loss not be the end.
 * Outlives the workers. */
void workers_keep(struct workers *workers, const struct holding *holding);

/* After the last wave: takes part until every task has come to its end. False with the first
 * failure; the run is then cancelled. */
bool workers_finish(struct workers *workers, struct error *error) MUST_CHECK;

/* Entries whose rows had to be read another way than planned: they replace those of the same dump
 * id. In the coordinator's arena, valid after workers_finish. */
struct rescued_entry {
    struct toc_entry entry;
    const struct rescued_entry *next;
};
const struct rescued_entry *workers_rescued(const struct workers *workers);

/* What could not be read, and is not in the archive; valid as long as the workers. */
const struct losses *workers_losses(const struct workers *workers);

/* Where workers_finish has not been called, the run must have been cancelled. Accepts NULL. */
void workers_free(struct workers *workers);

#endif
