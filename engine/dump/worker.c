#include "engine/dump/worker.h"

#include "engine/base/fault.h"
#include "engine/dump/copy_batch.h"
#include "engine/dump/copy_task.h"
#include "engine/dump/losses.h"
#include "engine/dump/retry.h"
#include "engine/dump/same_server.h"
#include "engine/dump/session_setup.h"
#include "engine/dump/wave.h"

#include <poll.h>
#include <string.h>

/* How long the coordinator may take to notice that its session is lost, and to let another take its
 * place. */
enum { SUCCESSION_MS = 10000, LOOK_MS = 50 };

struct worker {
    const struct workers_options *options;
    struct session *session; /* NULL: could not be opened */
    struct arena *arena;
    unsigned index, lane; /* of the pipeline */
    unsigned attempts;    /* beyond the first, at anything */
    const char *prefix;   /* of the names of files, in such an attempt; NULL: none */
    struct error error;   /* why it has no session, or has failed */
    bool is_reading;      /* when it failed */
    bool has_failed;
};

static bool open_session(struct worker *worker)
{
    const struct workers_options *options = worker->options;

    if (!session_open(&worker->session, options->connection, "pgfast", options->watch->cancel,
                      &worker->error))
        return false;
    session_show_pulse(worker->session, &options->watch->pulses);
    session_share_room(worker->session, pipeline_row_turn(options->pipeline));
    if (same_server_set_up(worker->session, options->options, options->encoding,
                           options->server_mark, &worker->error) &&
        copy_out_prepare(worker->session, &worker->error))
        return true;
    session_close(worker->session);
    worker->session = NULL;
    return false;
}

static bool is_connected(const struct worker *worker)
{
    return worker->session && session_is_usable(worker->session);
}

static bool ensure_session(struct worker *worker)
{
    if (is_connected(worker))
        return true;
    session_close(worker->session);
    worker->session = NULL;
    worker->is_reading = false;
    return open_session(worker);
}

/* What libpq holds for a large row goes with the connection, and others may be waiting for the
 * turn. Where no other connection is to be had (all are taken, a password has expired), the dump
 * goes on, and takes a little more memory than it should. */
static void renew_after_large_row(struct worker *worker)
{
    struct session *used = worker->session;

    if (!used || !session_has_turn(used) || worker->options->count == 1)
        return;
    if (open_session(worker)) {
        session_close(used);
        return;
    }
    worker->session = used;
    session_give_back_turn(used);
}

static struct copy_place place_of(const struct worker *worker)
{
    return (struct copy_place){.session = worker->session,
                               .pipeline = worker->options->pipeline,
                               .lane = worker->lane,
                               .arena = worker->arena,
                               .prefix = worker->prefix};
}

/* ---- one attempt ---- */

static void advance(struct copy_batch *rest, size_t count)
{
    rest->tasks += count;
    rest->count -= count;
}

static bool leave_to_coordinator(const struct worker *worker, struct wave *wave,
                                 struct copy_batch *rest, enum outcome_kind kind)
{
    wave_report(wave,
                &(struct outcome){.kind = kind, .task = &rest->tasks[0], .error = worker->error});
    advance(rest, 1);
    return true;
}

/* Large objects and foreign tables, which have no lock to take. */
static bool run_unlocked(struct worker *worker, struct wave *wave, const char *snapshot,
                         struct copy_batch *rest)
{
    const struct copy_place place = place_of(worker);
    size_t done = 0;

    worker->is_reading = snapshot_import(worker->session, snapshot, &worker->error);
    bool is_read =
        worker->is_reading &&
        copy_task_run(&place, &rest->tasks[0], worker->options->watch, &done, &worker->error);

    copy_batch_leave(worker->session);
    if (is_read)
        advance(rest, 1);
    else if (done > 0)
        *rest = (struct copy_batch){copy_task_rest(worker->arena, &rest->tasks[0], done), 1};
    return is_read || (is_connected(worker) && worker->is_reading &&
                       losses_may_explain(rest->tasks, &worker->error) &&
                       leave_to_coordinator(worker, wave, rest, OUTCOME_UNREADABLE));
}

static bool run_locked(struct worker *worker, const char *snapshot, const struct copy_batch *batch,
                       size_t *done)
{
    const struct copy_place place = place_of(worker);

    for (size_t i = 0; i < batch->count; i++)
        copy_task_announce(&batch->tasks[i], worker->options->watch);
    return copy_batch(&place, batch, snapshot, &worker->is_reading, done, &worker->error);
}

static bool run_together(struct worker *worker, const char *snapshot, struct copy_batch *rest)
{
    size_t done;
    bool is_done = run_locked(worker, snapshot, rest, &done);

    advance(rest, done);
    return is_done;
}

/* A worker must not wait for a lock: behind it may wait a DDL that waits for the coordinator, a
 * deadlock that no server can see. */
static bool run_alone(struct worker *worker, struct wave *wave, const char *snapshot,
                      struct copy_batch *rest)
{
    const struct copy_batch first = {rest->tasks, 1};
    size_t done;
    bool is_run = run_locked(worker, snapshot, &first, &done);

    /* Rows that are all there must not be read twice, whatever became of the session then. */
    advance(rest, done);
    if (is_run || done > 0)
        return is_run;
    if (!is_connected(worker))
        return false;
    if (worker->is_reading && losses_may_explain(rest->tasks, &worker->error))
        return leave_to_coordinator(worker, wave, rest, OUTCOME_UNREADABLE);
    if (!worker->is_reading && strcmp(worker->error.sqlstate, "55P03") == 0)
        return leave_to_coordinator(worker, wave, rest, OUTCOME_DEFERRED);
    return false;
}

static bool run_some(struct worker *worker, struct wave *wave, const char *snapshot,
                     struct copy_batch *rest, bool is_one_by_one)
{
    if (!ensure_session(worker))
        return false;
    if (!rest->tasks[0].lock_name)
        return run_unlocked(worker, wave, snapshot, rest);
    if (is_one_by_one || rest->count == 1)
        return run_alone(worker, wave, snapshot, rest);
    return run_together(worker, snapshot, rest);
}

/* ---- the next one ---- */

static bool wait_ms(const struct worker *worker, int time_ms)
{
    struct cancel *cancel = worker->options->watch->cancel;
    struct pollfd watched = {.fd = cancel_descriptor(cancel), .events = POLLIN};

    if (time_ms > 0)
        (void)poll(&watched, 1, time_ms);
    return !cancel_is_set(cancel);
}

/* A snapshot lasts as long as the transaction that has exported it, and so do its locks; whoever
 * takes the coordinator's place exports it under a new name. */
static bool wait_for_successor(struct worker *worker, struct wave *wave, const char *snapshot)
{
    for (int waited_ms = 0; waited_ms < SUCCESSION_MS; waited_ms += LOOK_MS) {
        if (atomic_load(&wave->snapshot) != snapshot)
            return true;
        if (!wait_ms(worker, LOOK_MS))
            return false;
    }
    error_prefix(&worker->error, "the session that held the locks was lost");
    return false;
}

/* Files of an attempt that came to nothing keep their names to the end. */
static void take_new_names(struct worker *worker)
{
    worker->prefix = arena_print(worker->arena, "again%u_%u_", worker->index, ++worker->attempts);
}

static bool prepare_retry(struct worker *worker, struct wave *wave, const char *snapshot,
                          unsigned losses)
{
    const struct retry_facts facts = {.is_connected = is_connected(worker),
                                      .is_reading = worker->is_reading};
    enum retry retry = retry_decide(&worker->error, &facts);

    if (retry == RETRY_ON_SNAPSHOT)
        return wait_for_successor(worker, wave, snapshot);
    if (retry != RETRY_AGAIN)
        return false;
    if (losses >= RETRY_MOST) {
        retry_give_up(&worker->error, losses);
        return false;
    }
    event_emit(worker->options->watch->events, EVENT_WARNING, "reading again, after: %s",
               worker->error.message);
    FAULT_POINT("dump.retry.before");
    return wait_ms(worker, retry_pause_ms(losses));
}

/* ---- batches ---- */

static bool is_withdrawn(const struct copy_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (!copy_task_is_withdrawn(&batch->tasks[i]))
            return false;
    return true;
}

/* What has been read of it stays read, whatever becomes of the rest. What is withdrawn may fail:
 * with the coordinator's snapshot went the locks. */
static bool run_batch(struct worker *worker, struct wave *wave, struct copy_batch *rest)
{
    bool is_one_by_one = false;
    unsigned losses = 0;

    while (!is_withdrawn(rest)) {
        const struct copy_task *first = rest->tasks;
        const char *snapshot = atomic_load(&wave->snapshot);

        if (run_some(worker, wave, snapshot, rest, is_one_by_one))
            continue;
        if (worker->error.kind == ERROR_CANCELLED)
            return false;
        losses = rest->tasks == first ? losses + 1 : 1;
        if (worker->is_reading)
            take_new_names(worker);
        /* One of them is in the way; alone, each tells. */
        if (is_connected(worker) && !is_one_by_one && rest->count > 1)
            is_one_by_one = true;
        else if (!is_withdrawn(rest) && !prepare_retry(worker, wave, snapshot, losses))
            return false;
    }
    return true;
}

static void fail(struct worker *worker, struct wave *wave)
{
    worker->has_failed = true;
    wave_report(wave, &(struct outcome){.kind = OUTCOME_FAILED, .error = worker->error});
    cancel_set(worker->options->watch->cancel);
}

/* False: no more of this wave. */
static bool end_batch(struct worker *worker, struct wave *wave, const struct copy_batch *rest,
                      bool is_done)
{
    if (is_done) {
        wave_report(wave, &(struct outcome){.kind = OUTCOME_DONE});
        return true;
    }
    if (!worker->session && strcmp(worker->error.sqlstate, "53300") == 0)
        wave_report(wave, &(struct outcome){
                              .kind = OUTCOME_RETURNED, .rest = *rest, .error = worker->error});
    else
        fail(worker, wave);
    return false;
}

static void run_wave(struct worker *worker, struct wave *wave)
{
    struct counters *counters = &worker->options->watch->counters;
    bool goes_on = true;
    void *item;

    while (goes_on && queue_pop(wave->batches, &item)) {
        const struct copy_batch *batch = item;
        struct copy_batch rest = *batch;

        counter_add(&counters->sessions_busy, 1);
        goes_on = end_batch(worker, wave, &rest, run_batch(worker, wave, &rest));
        renew_after_large_row(worker);
        counter_add(&counters->sessions_busy, (uint64_t)-1);
        counter_add(&counters->entries_done, batch->count - rest.count);
        worker->prefix = NULL;
    }
}

void worker_work(const struct workers_options *options, unsigned index, struct queue *inbox)
{
    struct worker worker = {.options = options,
                            .arena = options->arenas[index],
                            .index = index,
                            .lane = pipeline_enter(options->pipeline, index),
                            .error = {.kind = ERROR_NONE}};
    void *wave;

    (void)!open_session(&worker);
    while (queue_pop(inbox, &wave)) {
        if (worker.has_failed)
            continue;
        if (worker.session)
            run_wave(&worker, wave);
        else
            wave_report(wave, &(struct outcome){.kind = OUTCOME_NOT_OPENED, .error = worker.error});
    }
    session_close(worker.session);
}
