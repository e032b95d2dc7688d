#include "engine/dump/workers.h"

#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/base/queue.h"
#include "engine/dump/batches.h"
#include "engine/dump/copy_batch.h"
#include "engine/dump/copy_table.h"
#include "engine/dump/rescue.h"
#include "engine/dump/session_setup.h"

#include <stdlib.h>
#include <string.h>

static const char lost_locks[] = "the session that held the locks was lost";

enum outcome_kind {
    OUTCOME_DONE,      /* a batch, but for what was deferred */
    OUTCOME_DEFERRED,  /* somebody waits for a stronger lock: only the coordinator, who holds one,
                          may read the table */
    OUTCOME_TOO_LARGE, /* a value of it for text: the coordinator reads it another way */
    OUTCOME_FAILED,
    OUTCOME_NOT_OPENED, /* the worker has no session */
};

struct outcome {
    enum outcome_kind kind;
    const struct copy_task *task; /* deferred, too large */
    struct error error;           /* too large, failed, not opened */
};

struct wave {
    struct wave_request request;
    size_t batch_count;
    struct queue *batches;  /* of struct copy_batch *, all of them, closed */
    struct queue *outcomes; /* of struct outcome *; never full */
};

struct workers {
    struct workers_options options;
    struct crew *crew;
    struct queue **inboxes; /* one per worker, of struct wave * */
    struct wave waves[WORKERS_MOST_WAVES];
    unsigned wave_count;
    struct rescued_entry *rescued;
};

/* ---- one worker ---- */

struct worker {
    const struct workers_options *options;
    struct session *session; /* NULL: could not be opened */
    struct arena *arena;
    unsigned lane;      /* of the pipeline */
    struct error error; /* why it has no session, or has failed */
    bool has_failed;
};

static void report(struct wave *wave, enum outcome_kind kind, const struct copy_task *task,
                   const struct error *error)
{
    struct outcome *outcome = memory_allocate(1, sizeof(*outcome));

    outcome->kind = kind;
    outcome->task = task;
    if (error)
        outcome->error = *error;
    if (!queue_push(wave->outcomes, outcome))
        free(outcome);
}

static void open_session(struct worker *worker)
{
    const struct workers_options *options = worker->options;

    if (!session_open(&worker->session, options->connection, "pgfast", options->watch->cancel,
                      &worker->error))
        return;
    session_show_pulse(worker->session, &options->watch->pulses);
    if (session_setup_apply(worker->session, options->options, &worker->error) &&
        session_setup_encoding(worker->session, options->encoding, &worker->error))
        return;
    session_close(worker->session);
    worker->session = NULL;
}

static struct copy_place place_of(const struct worker *worker)
{
    return (struct copy_place){.session = worker->session,
                               .pipeline = worker->options->pipeline,
                               .lane = worker->lane,
                               .arena = worker->arena};
}

static void announce(const struct copy_task *task, struct watch *watch)
{
    if (task->kind == COPY_BLOBS)
        event_emit(watch->events, EVENT_DETAIL, "dumping %zu large objects from %u",
                   task->oid_count, task->oids[0]);
    else
        event_emit(watch->events, EVENT_DETAIL, "dumping table %s into %s", task->relation->name,
                   copy_task_file_name(task));
}

static bool run_task(const struct copy_place *place, const struct copy_task *task,
                     struct watch *watch, struct error *error)
{
    announce(task, watch);
    return task->kind == COPY_BLOBS ? copy_blobs(place, task, error)
                                    : copy_table(place, task, error);
}

/* Large objects and foreign tables, which have no lock to take. */
static bool run_unlocked(struct worker *worker, const struct wave *wave,
                         const struct copy_task *task)
{
    const struct copy_place place = place_of(worker);

    return snapshot_import(worker->session, wave->request.snapshot, &worker->error) &&
           run_task(&place, task, worker->options->watch, &worker->error) &&
           session_execute(worker->session, "COMMIT", &worker->error);
}

static bool run_locked(struct worker *worker, const struct wave *wave,
                       const struct copy_batch *batch, bool *is_begun)
{
    const struct copy_place place = place_of(worker);

    for (size_t i = 0; i < batch->count; i++)
        announce(&batch->tasks[i], worker->options->watch);
    return copy_batch(&place, batch, wave->request.snapshot, is_begun, &worker->error);
}

/* A worker must not wait for a lock: behind it may wait a DDL that waits for the coordinator, a
 * deadlock that no server can see. */
static bool run_alone(struct worker *worker, struct wave *wave, const struct copy_task *task)
{
    const struct copy_batch batch = {task, 1};
    bool is_begun;

    if (run_locked(worker, wave, &batch, &is_begun) || copy_task_is_withdrawn(task))
        return true;
    if (is_begun && session_is_usable(worker->session) &&
        rescue_is_called_for(task, &worker->error)) {
        report(wave, OUTCOME_TOO_LARGE, task, &worker->error);
        return true;
    }
    if (is_begun || strcmp(worker->error.sqlstate, "55P03") != 0)
        return false;
    report(wave, OUTCOME_DEFERRED, task, NULL);
    return true;
}

static bool is_withdrawn(const struct copy_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (!copy_task_is_withdrawn(&batch->tasks[i]))
            return false;
    return true;
}

/* One of them is in the way; alone, each tells. */
static bool run_one_by_one(struct worker *worker, struct wave *wave, const struct copy_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (!run_alone(worker, wave, &batch->tasks[i]))
            return false;
    return true;
}

static bool run_wanted(struct worker *worker, struct wave *wave, const struct copy_batch *batch)
{
    bool is_begun;

    if (!batch->tasks[0].lock_name)
        return run_unlocked(worker, wave, &batch->tasks[0]);
    if (batch->count == 1)
        return run_alone(worker, wave, &batch->tasks[0]);
    if (run_locked(worker, wave, batch, &is_begun))
        return true;
    return !is_begun && session_is_usable(worker->session) &&
           worker->error.kind != ERROR_CANCELLED && run_one_by_one(worker, wave, batch);
}

/* What is withdrawn may fail: with the coordinator's snapshot went the locks. */
static bool run_batch(struct worker *worker, struct wave *wave, const struct copy_batch *batch)
{
    return is_withdrawn(batch) || run_wanted(worker, wave, batch) ||
           (is_withdrawn(batch) && session_is_usable(worker->session) &&
            worker->error.kind != ERROR_CANCELLED);
}

/* A snapshot lasts as long as the coordinator's transaction, and so do its locks. */
static bool is_snapshot_gone(const struct error *error)
{
    return (strcmp(error->sqlstate, "22023") == 0 || strcmp(error->sqlstate, "42704") == 0) &&
           strstr(error->message, "snapshot");
}

/* What goes wrong ends the run at once, wherever the coordinator is. */
static void fail(struct worker *worker, struct wave *wave)
{
    worker->has_failed = true;
    if (is_snapshot_gone(&worker->error))
        error_prefix(&worker->error, "%s", lost_locks);
    report(wave, OUTCOME_FAILED, NULL, &worker->error);
    cancel_set(worker->options->watch->cancel);
}

static void run_wave(struct worker *worker, struct wave *wave)
{
    struct counters *counters = &worker->options->watch->counters;
    void *item;

    while (!worker->has_failed && queue_pop(wave->batches, &item)) {
        const struct copy_batch *batch = item;

        counter_add(&counters->sessions_busy, 1);
        if (run_batch(worker, wave, batch))
            report(wave, OUTCOME_DONE, NULL, NULL);
        else
            fail(worker, wave);
        counter_add(&counters->sessions_busy, (uint64_t)-1);
        counter_add(&counters->entries_done, batch->count);
    }
}

static void work(void *context, unsigned index)
{
    struct workers *workers = context;
    struct worker worker = {.options = &workers->options,
                            .arena = workers->options.arenas[index],
                            .lane = pipeline_enter(workers->options.pipeline, index),
                            .error = {.kind = ERROR_NONE}};
    void *wave;

    open_session(&worker);
    while (queue_pop(workers->inboxes[index], &wave)) {
        if (worker.session)
            run_wave(&worker, wave);
        else
            report(wave, OUTCOME_NOT_OPENED, NULL, &worker.error);
    }
    session_close(worker.session);
}

/* ---- the coordinator ---- */

struct tally {
    size_t done;
    unsigned not_opened;
    bool has_warned;
    struct error failure; /* the first that is not CANCELLED */
};

static void note_failure(struct tally *tally, const struct error *error, struct cancel *cancel)
{
    if (tally->failure.kind == ERROR_NONE || tally->failure.kind == ERROR_CANCELLED)
        tally->failure = *error;
    cancel_set(cancel);
}

static struct copy_place coordinator_place(const struct workers *workers)
{
    const struct workers_options *options = &workers->options;

    return (struct copy_place){.session = options->coordinator,
                               .pipeline = options->pipeline,
                               .arena = options->arenas[options->count]};
}

/* The coordinator's transaction holds snapshot and locks: it must outlive a task that fails. */
static bool run_in_savepoint(const struct workers *workers, const struct copy_task *task,
                             struct error *error)
{
    const struct copy_place place = coordinator_place(workers);
    struct error failure;

    if (!session_execute(place.session, "SAVEPOINT pgfast", error))
        return false;
    if (run_task(&place, task, workers->options.watch, error))
        return session_execute(place.session, "RELEASE SAVEPOINT pgfast", error);
    if (session_is_usable(place.session))
        (void)!session_execute(place.session, "ROLLBACK TO SAVEPOINT pgfast", &failure);
    return false;
}

static bool rescue(struct workers *workers, const struct copy_task *task, struct error *error)
{
    const struct copy_place place = coordinator_place(workers);
    struct rescued_entry *rescued = arena_allocate(place.arena, 1, sizeof(*rescued));
    struct copy_task second;

    if (!rescue_plan(&second, &rescued->entry, place.arena, place.session, task, error))
        return false;
    event_emit(workers->options.watch->events, EVENT_INFO,
               "a value is too large for text, so these rows are dumped in binary format into %s: "
               "%s",
               rescued->entry.file_name, error->message);
    if (!run_in_savepoint(workers, &second, error))
        return false;
    rescued->next = workers->rescued;
    workers->rescued = rescued;
    return true;
}

static void rescue_here(struct workers *workers, const struct copy_task *task, struct error *error,
                        struct tally *tally)
{
    if (!copy_task_is_withdrawn(task) && !rescue(workers, task, error))
        note_failure(tally, error, workers->options.watch->cancel);
}

static void run_here(struct workers *workers, const struct copy_task *task, struct tally *tally)
{
    struct error error;

    if (copy_task_is_withdrawn(task) || run_in_savepoint(workers, task, &error))
        return;
    if (session_is_usable(workers->options.coordinator) && rescue_is_called_for(task, &error))
        rescue_here(workers, task, &error, tally);
    else
        note_failure(tally, &error, workers->options.watch->cancel);
}

static void run_batch_here(struct workers *workers, const struct copy_batch *batch,
                           struct tally *tally)
{
    for (size_t i = 0; i < batch->count && tally->failure.kind == ERROR_NONE; i++)
        run_here(workers, &batch->tasks[i], tally);
    tally->done++;
    counter_add(&workers->options.watch->counters.entries_done, batch->count);
}

/* Too few connection slots are no reason to have no backup; any other failure to connect is one. */
static void judge_missing_worker(const struct workers *workers, const struct error *why,
                                 struct tally *tally)
{
    const struct workers_options *options = &workers->options;

    tally->not_opened++;
    if (strcmp(why->sqlstate, "53300") != 0)
        note_failure(tally, why, options->watch->cancel);
    else if (!tally->has_warned)
        event_emit(options->watch->events, EVENT_WARNING,
                   "not all of %u worker sessions could be opened, going on with fewer: %s",
                   options->count, why->message);
    tally->has_warned = true;
}

static void take_outcome(struct workers *workers, const struct outcome *outcome,
                         struct tally *tally)
{
    const struct workers_options *options = &workers->options;

    switch (outcome->kind) {
    case OUTCOME_DONE:
        tally->done++;
        break;
    case OUTCOME_DEFERRED:
        if (copy_task_is_withdrawn(outcome->task))
            break;
        event_emit(options->watch->events, EVENT_INFO,
                   "table %s has another session waiting to lock it, so the coordinator reads it",
                   outcome->task->relation->name);
        run_here(workers, outcome->task, tally);
        break;
    case OUTCOME_TOO_LARGE: {
        struct error error = outcome->error;

        rescue_here(workers, outcome->task, &error, tally);
        break;
    }
    case OUTCOME_FAILED:
        note_failure(tally, &outcome->error, options->watch->cancel);
        break;
    case OUTCOME_NOT_OPENED:
        judge_missing_worker(workers, &outcome->error, tally);
        break;
    }
}

static void coordinate(struct workers *workers, struct wave *wave, struct tally *tally)
{
    void *item;

    tally->done = 0;
    tally->not_opened = 0;
    while (tally->failure.kind == ERROR_NONE && tally->done < wave->batch_count) {
        if (tally->not_opened == workers->options.count && queue_try_pop(wave->batches, &item)) {
            run_batch_here(workers, item, tally);
            continue;
        }
        if (!queue_pop(wave->outcomes, &item))
            break;
        take_outcome(workers, item, tally);
        free(item);
    }
}

/* Without the coordinator's locks, a table could have been emptied before its worker came: the
 * snapshot alone would then show no rows, and nothing would tell. */
static bool check_locks_held(const struct workers_options *options, struct error *error)
{
    if (session_execute(options->coordinator, "SELECT 1", error))
        return true;
    if (error->kind != ERROR_CANCELLED)
        error_prefix(error, "%s", lost_locks);
    return false;
}

/* ---- all ---- */

static void close_inboxes(struct workers *workers)
{
    for (unsigned i = 0; i < workers->options.count; i++)
        queue_close(workers->inboxes[i]);
}

static void abandon(void *context)
{
    struct workers *workers = context;

    cancel_set(workers->options.watch->cancel);
    close_inboxes(workers);
}

bool workers_start(struct workers **workers, const struct workers_options *options,
                   struct error *error)
{
    struct workers *made = memory_allocate(1, sizeof(*made));

    made->options = *options;
    made->inboxes = memory_allocate(options->count, sizeof(struct queue *));
    for (unsigned i = 0; i < options->count; i++)
        made->inboxes[i] = queue_create(WORKERS_MOST_WAVES);
    if (crew_start(&made->crew, "pgf-copy", options->count, work, abandon, made, error)) {
        *workers = made;
        return true;
    }
    workers_free(made);
    return false;
}

void workers_add(struct workers *workers, const struct wave_request *request)
{
    struct wave *wave = &workers->waves[workers->wave_count++];
    const struct copy_batches batches =
        batches_make(workers->options.arenas[workers->options.count], request->tasks,
                     request->count, workers->options.count);

    *wave = (struct wave){
        .request = *request,
        .batch_count = batches.count,
        .batches = queue_create(batches.count + 1),
        .outcomes = queue_create(batches.count + request->count + workers->options.count + 1),
    };
    for (size_t i = 0; i < batches.count; i++)
        (void)!queue_push(wave->batches, &batches.items[i]);
    queue_close(wave->batches);
    for (unsigned i = 0; i < workers->options.count; i++)
        (void)!queue_push(workers->inboxes[i], wave);
}

bool workers_finish(struct workers *workers, struct error *error)
{
    struct tally tally = {.failure = {.kind = ERROR_NONE}};

    close_inboxes(workers);
    for (unsigned i = 0; i < workers->wave_count; i++)
        coordinate(workers, &workers->waves[i], &tally);
    crew_join(workers->crew);
    workers->crew = NULL;
    if (tally.failure.kind == ERROR_NONE)
        return check_locks_held(&workers->options, error);
    *error = tally.failure;
    return false;
}

const struct rescued_entry *workers_rescued(const struct workers *workers)
{
    return workers->rescued;
}

static void free_wave(struct wave *wave)
{
    void *item;

    queue_free(wave->batches);
    while (queue_try_pop(wave->outcomes, &item))
        free(item);
    queue_free(wave->outcomes);
}

void workers_free(struct workers *workers)
{
    if (!workers)
        return;
    close_inboxes(workers);
    crew_join(workers->crew);
    for (unsigned i = 0; i < workers->wave_count; i++)
        free_wave(&workers->waves[i]);
    for (unsigned i = 0; i < workers->options.count; i++)
        queue_free(workers->inboxes[i]);
    free(workers->inboxes);
    free(workers);
}
