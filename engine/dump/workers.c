#include "engine/dump/workers.h"

#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/base/queue.h"
#include "engine/dump/copy_table.h"
#include "engine/dump/session_setup.h"

#include <stdlib.h>
#include <string.h>

/* As many locks as a server keeps room for in each transaction, by default. */
enum { TASKS_A_TRANSACTION = 64 };

enum outcome_kind {
    OUTCOME_DONE,
    OUTCOME_DEFERRED, /* somebody waits for a stronger lock: only the coordinator, who holds one,
                         may read the table */
    OUTCOME_FAILED,
    OUTCOME_NOT_OPENED, /* the worker has no session and ends */
};

struct outcome {
    enum outcome_kind kind;
    const struct copy_task *task;
    struct error error;
};

struct workers {
    const struct workers_request *request;
    struct queue *tasks;    /* of struct copy_task *, all of them, closed */
    struct queue *outcomes; /* of struct outcome *; never full */
};

/* ---- one worker ---- */

static void report(struct workers *workers, enum outcome_kind kind, const struct copy_task *task,
                   const struct error *error)
{
    struct outcome *outcome = memory_allocate(1, sizeof(*outcome));

    outcome->kind = kind;
    outcome->task = task;
    if (error)
        outcome->error = *error;
    if (!queue_push(workers->outcomes, outcome))
        free(outcome);
}

static bool open_worker(const struct workers_request *request, struct session **session,
                        struct error *error)
{
    if (!session_open(session, request->connection, "pgfast", request->watch->cancel, error))
        return false;
    if (session_setup_apply(*session, request->options, error) &&
        session_setup_encoding(*session, request->encoding, error) &&
        snapshot_import(*session, request->snapshot, error))
        return true;
    session_close(*session);
    *session = NULL;
    return false;
}

/* The coordinator holds every lock to the end anyway; what a worker holds besides would fill the
 * server's lock table, where pg_dump alone still found room. */
static bool give_locks_back(const struct workers_request *request, struct session *session,
                            struct error *error)
{
    return session_execute(session, "COMMIT", error) &&
           snapshot_import(session, request->snapshot, error);
}

/* A worker must not wait for a lock: behind it may wait a DDL that waits for the coordinator, a
 * deadlock that no server can see. The savepoint keeps the snapshot when the lock is not to be had.
 */
static bool lock_without_waiting(struct session *session, const struct copy_task *task,
                                 bool *is_locked, struct error *error)
{
    char *sql = memory_print("SAVEPOINT pgfast; LOCK TABLE ONLY %s IN ACCESS SHARE MODE NOWAIT; "
                             "RELEASE SAVEPOINT pgfast",
                             task->lock_name);

    *is_locked = session_execute(session, sql, error);
    free(sql);
    if (*is_locked)
        return true;
    if (strcmp(error->sqlstate, "55P03") != 0) {
        error_prefix(error, "table %s", task->relation->name);
        return false;
    }
    return session_execute(session, "ROLLBACK TO SAVEPOINT pgfast; RELEASE SAVEPOINT pgfast",
                           error);
}

static bool run_task(const struct copy_place *place, const struct copy_task *task,
                     struct watch *watch, struct error *error)
{
    if (task->kind == COPY_BLOBS) {
        event_emit(watch->events, EVENT_DETAIL, "dumping %zu large objects from %u",
                   task->oid_count, task->oids[0]);
        return copy_blobs(place, task, error);
    }
    event_emit(watch->events, EVENT_DETAIL, "dumping table %s into %s", task->relation->name,
               task->entry->file_name);
    return copy_table(place, task, error);
}

static enum outcome_kind work_on(const struct copy_place *place, const struct copy_task *task,
                                 struct watch *watch, struct error *error)
{
    bool is_locked = true;

    if (task->lock_name && !lock_without_waiting(place->session, task, &is_locked, error))
        return OUTCOME_FAILED;
    if (!is_locked)
        return OUTCOME_DEFERRED;
    return run_task(place, task, watch, error) ? OUTCOME_DONE : OUTCOME_FAILED;
}

static void work(void *context, unsigned index)
{
    struct workers *workers = context;
    const struct workers_request *request = workers->request;
    struct counters *counters = &request->watch->counters;
    struct session *session = NULL;
    struct error error = {.kind = ERROR_NONE};
    void *item;

    if (!open_worker(request, &session, &error)) {
        report(workers, OUTCOME_NOT_OPENED, NULL, &error);
        return;
    }

    const struct copy_place place = {session, request->pipeline, request->arenas[index]};
    enum outcome_kind kind = OUTCOME_DONE;

    for (unsigned done = 1; kind != OUTCOME_FAILED && queue_pop(workers->tasks, &item); done++) {
        counter_add(&counters->sessions_busy, 1);
        kind = work_on(&place, item, request->watch, &error);
        counter_add(&counters->sessions_busy, (uint64_t)-1);
        if (kind != OUTCOME_FAILED && done % TASKS_A_TRANSACTION == 0 &&
            !give_locks_back(request, session, &error))
            kind = OUTCOME_FAILED;
        report(workers, kind, item, &error);
    }
    session_close(session);
}

/* ---- the coordinator ---- */

struct tally {
    size_t done;
    unsigned not_opened;
    struct error failure;      /* the first that is not CANCELLED */
    struct error open_failure; /* why a worker has no session */
};

static void note_failure(struct tally *tally, const struct error *error, struct cancel *cancel)
{
    if (tally->failure.kind == ERROR_NONE || tally->failure.kind == ERROR_CANCELLED)
        tally->failure = *error;
    cancel_set(cancel);
}

static void run_here(struct workers *workers, const struct copy_task *task, struct tally *tally)
{
    const struct workers_request *request = workers->request;
    const struct copy_place place = {request->coordinator, request->pipeline,
                                     request->arenas[request->count]};
    struct error error;

    if (!run_task(&place, task, request->watch, &error)) {
        note_failure(tally, &error, request->watch->cancel);
        return;
    }
    tally->done++;
    counter_add(&request->watch->counters.entries_done, 1);
}

static void take_outcome(struct workers *workers, const struct outcome *outcome,
                         struct tally *tally)
{
    const struct workers_request *request = workers->request;

    switch (outcome->kind) {
    case OUTCOME_DONE:
        tally->done++;
        counter_add(&request->watch->counters.entries_done, 1);
        break;
    case OUTCOME_DEFERRED:
        event_emit(request->watch->events, EVENT_INFO,
                   "table %s has another session waiting to lock it, so the coordinator reads it",
                   outcome->task->relation->name);
        run_here(workers, outcome->task, tally);
        break;
    case OUTCOME_FAILED:
        note_failure(tally, &outcome->error, request->watch->cancel);
        break;
    case OUTCOME_NOT_OPENED:
        tally->not_opened++;
        tally->open_failure = outcome->error;
        break;
    }
}

/* Too few connection slots are no reason to have no backup; any other failure to connect is one. */
static void judge_missing_workers(const struct workers_request *request, struct tally *tally)
{
    const struct error *why = &tally->open_failure;

    if (why->kind == ERROR_NONE)
        return;
    if (strcmp(why->sqlstate, "53300") != 0) {
        note_failure(tally, why, request->watch->cancel);
        return;
    }
    if (tally->not_opened == 1)
        event_emit(request->watch->events, EVENT_WARNING,
                   "not all of %u worker sessions could be opened, going on with fewer: %s",
                   request->count, why->message);
    tally->open_failure.kind = ERROR_NONE;
}

static void coordinate(struct workers *workers, struct tally *tally)
{
    const struct workers_request *request = workers->request;
    void *item;

    while (tally->failure.kind == ERROR_NONE && tally->done < request->plan->count) {
        if (tally->not_opened == request->count && queue_try_pop(workers->tasks, &item)) {
            run_here(workers, item, tally);
            continue;
        }
        if (!queue_pop(workers->outcomes, &item))
            break;
        take_outcome(workers, item, tally);
        free(item);
        judge_missing_workers(request, tally);
    }
}

/* Without the coordinator's locks, a table could have been emptied before its worker came: the
 * snapshot alone would then show no rows, and nothing would tell. */
static bool check_locks_held(const struct workers_request *request, struct error *error)
{
    if (session_execute(request->coordinator, "SELECT 1", error))
        return true;
    if (error->kind != ERROR_CANCELLED)
        error_prefix(error, "the session that held the locks was lost");
    return false;
}

static bool fill_tasks(struct workers *workers, const struct dump_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        if (!queue_push(workers->tasks, &plan->tasks[i]))
            return false;
    queue_close(workers->tasks);
    return true;
}

static void abandon_workers(void *context)
{
    cancel_set(((struct workers *)context)->request->watch->cancel);
}

static void free_outcomes(struct queue *outcomes)
{
    void *item;

    while (queue_try_pop(outcomes, &item))
        free(item);
    queue_free(outcomes);
}

bool workers_run(const struct workers_request *request, struct error *error)
{
    size_t count = request->plan->count;
    struct workers workers = {
        .request = request,
        .tasks = queue_create(count + 1),
        .outcomes = queue_create(count + 2 * (size_t)request->count + 1),
    };
    struct tally tally = {.failure = {.kind = ERROR_NONE}};
    struct crew *crew = NULL;
    bool is_started = fill_tasks(&workers, request->plan) &&
                      crew_start(&crew, "pgf-copy", request->count, work, abandon_workers, &workers,
                                 &tally.failure);

    if (is_started)
        coordinate(&workers, &tally);
    crew_join(crew);
    queue_free(workers.tasks);
    free_outcomes(workers.outcomes);
    if (tally.failure.kind == ERROR_NONE && tally.done == count)
        return check_locks_held(request, error);
    if (tally.failure.kind == ERROR_NONE)
        error_set(&tally.failure, ERROR_CANCELLED, "cancelled");
    *error = tally.failure;
    return false;
}
