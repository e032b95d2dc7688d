#include "engine/dump/coordinate.h"

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/dump/copy_task.h"
#include "engine/dump/read_around.h"
#include "engine/dump/rescue.h"
#include "engine/dump/retry.h"

#include <stdlib.h>
#include <string.h>

/* A dump of seconds is done again sooner than a keeper is worth its connection. */
enum { LOOK_MS = 200, KEEPER_AFTER_MS = 2000, LONGEST_PAUSE_MS = 60000 };

static const char lost_locks[] = "the session that held the locks was lost";

void coordination_init(struct coordination *coordination, const struct workers_options *options)
{
    *coordination = (struct coordination){
        .options = options,
        .session = options->coordinator,
        .losses = {.arena = options->arenas[options->count]},
        .failure = {.kind = ERROR_NONE},
        .looked_us = clock_now_us(),
        .keeper_pause_us = KEEPER_AFTER_MS * UINT64_C(1000),
    };
}

void coordination_clear(struct coordination *coordination)
{
    keeper_close(&coordination->keeper);
    keeper_close(&coordination->successor);
}

static void note_failure(struct coordination *coordination, const struct error *error)
{
    struct error *failure = &coordination->failure;

    if (failure->kind == ERROR_NONE || failure->kind == ERROR_CANCELLED)
        *failure = *error;
    cancel_set(coordination->options->watch->cancel);
}

/* ---- the session that holds the locks ---- */

static void plan_keeper(struct coordination *coordination)
{
    coordination->keeper_after_us = clock_now_us() + coordination->keeper_pause_us;
    if (coordination->keeper_pause_us < LONGEST_PAUSE_MS * UINT64_C(1000))
        coordination->keeper_pause_us *= 2;
}

static bool open_keeper(struct coordination *coordination, struct error *error)
{
    const struct workers_options *options = coordination->options;
    struct holding holding = *coordination->holding;

    holding.snapshot = coordination->snapshot;
    return keeper_open(&coordination->keeper, options->arenas[options->count], options, &holding,
                       error);
}

static bool survive_loss(struct coordination *coordination, struct error *error);

/* That both have held the locks at the same time is proven by an answer of the first that comes
 * after the second has got them. */
static void make_keeper(struct coordination *coordination)
{
    struct error error;

    if (open_keeper(coordination, &error)) {
        if (session_execute(coordination->session, "SELECT 1", &error))
            return;
        keeper_close(&coordination->keeper);
        (void)survive_loss(coordination, &error);
        return;
    }
    plan_keeper(coordination);
    if (error.kind == ERROR_CANCELLED)
        return;
    if (error.kind == ERROR_UNSUPPORTED)
        coordination->keeper_after_us = 0;
    event_emit(coordination->options->watch->events, EVENT_DETAIL,
               "no other session holds the snapshot%s: %s",
               error.kind == ERROR_UNSUPPORTED ? "" : " yet", error.message);
}

static void look_after_keeper(struct coordination *coordination)
{
    struct error error;

    if (coordination->keeper.session && !session_look(coordination->keeper.session, &error)) {
        keeper_close(&coordination->keeper);
        plan_keeper(coordination);
    }
    if (coordination->holding && !coordination->keeper.session &&
        coordination->keeper_after_us > 0 && clock_now_us() >= coordination->keeper_after_us)
        make_keeper(coordination);
}

/* False: there is none, or it is lost as well. */
static bool let_keeper_succeed(struct coordination *coordination)
{
    struct error lost;

    if (!coordination->keeper.session ||
        !session_execute(coordination->keeper.session, "SELECT 1", &lost))
        return false;
    FAULT_POINT("dump.succession.before");
    for (unsigned i = 0; i < coordination->wave_count; i++)
        if (strcmp(atomic_load(&coordination->waves[i].snapshot), coordination->snapshot) == 0)
            atomic_store(&coordination->waves[i].snapshot, coordination->keeper.snapshot);
    keeper_close(&coordination->successor);
    coordination->successor = coordination->keeper;
    coordination->keeper = (struct keeper){.session = NULL};
    coordination->session = coordination->successor.session;
    coordination->snapshot = coordination->successor.snapshot;
    plan_keeper(coordination);
    FAULT_POINT("dump.succession.after");
    return true;
}

/* Without the locks, a table could have been emptied before its worker came: the snapshot alone
 * would then show no rows, and nothing would tell. So it is the end, unless another session has
 * held them all the time. */
static bool survive_loss(struct coordination *coordination, struct error *error)
{
    if (error->kind != ERROR_CANCELLED)
        error_prefix(error, "%s", lost_locks);
    if (error->kind != ERROR_CANCELLED && let_keeper_succeed(coordination)) {
        event_emit(coordination->options->watch->events, EVENT_WARNING,
                   "another session holds them as well, going on, after: %s", error->message);
        return true;
    }
    note_failure(coordination, error);
    return false;
}

/* From time to time, whether there is much to hear or nothing. */
static void look_after_sessions(struct coordination *coordination)
{
    uint64_t now_us = clock_now_us();
    struct error error;

    if (now_us - coordination->looked_us < LOOK_MS * UINT64_C(1000))
        return;
    coordination->looked_us = now_us;
    if (session_look(coordination->session, &error) || survive_loss(coordination, &error))
        look_after_keeper(coordination);
}

/* Nothing more is read, so the server may clean up while the rest is being written. */
static void let_go(struct coordination *coordination)
{
    struct error unused;

    keeper_close(&coordination->keeper);
    (void)!session_execute(coordination->session, "ROLLBACK", &unused);
    atomic_store(&coordination->options->watch->snapshot_us, 0);
}

bool coordination_end(struct coordination *coordination, struct error *error)
{
    struct error lost;

    if (coordination->failure.kind == ERROR_NONE &&
        (session_execute(coordination->session, "SELECT 1", &lost) ||
         survive_loss(coordination, &lost))) {
        let_go(coordination);
        return true;
    }
    *error = coordination->failure;
    return false;
}

/* ---- what it reads itself ---- */

static struct copy_place place_of(const struct coordination *coordination)
{
    const struct workers_options *options = coordination->options;
    struct arena *arena = options->arenas[options->count];

    return (struct copy_place){
        .session = coordination->session,
        .pipeline = options->pipeline,
        .arena = arena,
        .prefix = coordination->attempts == 0
                      ? NULL
                      : arena_print(arena, "again%u_%u_", options->count, coordination->attempts),
    };
}

enum way { AS_PLANNED, AROUND_LOSSES };

static bool read_task(struct coordination *coordination, const struct copy_task *task, enum way way,
                      size_t *done, struct error *error)
{
    const struct copy_place place = place_of(coordination);
    struct watch *watch = coordination->options->watch;
    struct losses attempt = {.arena = place.arena, .hint = coordination->hint};

    if (way == AS_PLANNED)
        return copy_task_run(&place, task, watch, done, error);

    bool is_read = read_around(&place, task, &attempt, done, error);

    if (is_read || *done > 0)
        losses_settle(&coordination->losses, &attempt, watch->events);
    return is_read;
}

/* Its transaction must outlive a task that fails. */
static bool run_in_savepoint(struct coordination *coordination, const struct copy_task *task,
                             enum way way, size_t *done, struct error *error)
{
    struct session *session = coordination->session;
    struct error failure;

    *done = 0;
    if (!session_execute(session, "SAVEPOINT pgfast", error))
        return false;
    if (read_task(coordination, task, way, done, error)) {
        (void)!session_execute(session, "RELEASE SAVEPOINT pgfast", &failure);
        return true;
    }
    if (session_is_usable(session))
        (void)!session_execute(session, "ROLLBACK TO SAVEPOINT pgfast", &failure);
    return false;
}

static bool may_try_again(struct coordination *coordination, struct error *error, unsigned losses)
{
    const struct retry_facts facts = {.is_connected = session_is_usable(coordination->session),
                                      .is_reading = true};

    if (!facts.is_connected)
        return survive_loss(coordination, error) && losses < RETRY_MOST;
    if (retry_decide(error, &facts) != RETRY_AGAIN)
        return false;
    if (losses >= RETRY_MOST) {
        retry_give_up(error, losses);
        return false;
    }
    event_emit(coordination->options->watch->events, EVENT_WARNING, "reading again, after: %s",
               error->message);
    return true;
}

static bool run_task(struct coordination *coordination, const struct copy_task *task, enum way way,
                     struct error *error)
{
    struct arena *arena = coordination->options->arenas[coordination->options->count];
    unsigned losses = 0;
    size_t done;

    while (!run_in_savepoint(coordination, task, way, &done, error)) {
        losses = done > 0 ? 1 : losses + 1;
        coordination->attempts++;
        if (!may_try_again(coordination, error, losses))
            return false;
        if (done > 0)
            task = copy_task_rest(arena, task, done);
    }
    return true;
}

static bool rescue(struct coordination *coordination, const struct copy_task *second,
                   struct rescued_entry *rescued, struct error *error)
{
    event_emit(coordination->options->watch->events, EVENT_INFO,
               "a value is too large for text, so these rows are dumped in binary format into %s: "
               "%s",
               rescued->entry.file_name, error->message);
    if (!run_task(coordination, second, AROUND_LOSSES, error))
        return false;
    rescued->next = coordination->rescued;
    coordination->rescued = rescued;
    return true;
}

/* In binary format, if that may help; and in any case without what cannot be read. */
static bool read_otherwise(struct coordination *coordination, const struct copy_task *task,
                           struct error *error)
{
    struct arena *arena = coordination->options->arenas[coordination->options->count];
    struct rescued_entry *rescued = arena_allocate(arena, 1, sizeof(*rescued));
    struct copy_task second;

    coordination->attempts++;
    coordination->hint = NULL;
    if (rescue_is_called_for(task, error) &&
        rescue_plan(&second, &rescued->entry, arena, coordination->session, task, error))
        return rescue(coordination, &second, rescued, error);
    if (!losses_may_explain(task, error))
        return false;
    if (error->hint[0] != '\0')
        coordination->hint = arena_copy_text(arena, error->hint);
    return run_task(coordination, task, AROUND_LOSSES, error);
}

static void read_otherwise_here(struct coordination *coordination, const struct copy_task *task,
                                struct error *error)
{
    if (!copy_task_is_withdrawn(task) && !read_otherwise(coordination, task, error))
        note_failure(coordination, error);
}

static void run_here(struct coordination *coordination, const struct copy_task *task)
{
    struct error error;

    if (copy_task_is_withdrawn(task) || run_task(coordination, task, AS_PLANNED, &error))
        return;
    if (session_is_usable(coordination->session) && losses_may_explain(task, &error))
        read_otherwise_here(coordination, task, &error);
    else
        note_failure(coordination, &error);
}

static void run_batch_here(struct coordination *coordination, const struct copy_batch *batch)
{
    for (size_t i = 0; i < batch->count && coordination->failure.kind == ERROR_NONE; i++)
        run_here(coordination, &batch->tasks[i]);
    counter_add(&coordination->options->watch->counters.entries_done, batch->count);
}

/* ---- what it hears ---- */

/* Too few connection slots are no reason to have no backup. */
static void miss_worker(struct coordination *coordination, const struct error *why)
{
    const struct workers_options *options = coordination->options;

    coordination->not_opened++;
    if (!coordination->has_warned)
        event_emit(options->watch->events, EVENT_WARNING,
                   "not all of %u worker sessions could be opened, going on with fewer: %s",
                   options->count, why->message);
    coordination->has_warned = true;
}

static void take_deferred(struct coordination *coordination, const struct copy_task *task)
{
    if (copy_task_is_withdrawn(task))
        return;
    event_emit(coordination->options->watch->events, EVENT_INFO,
               "table %s has another session waiting to lock it, so the coordinator reads it",
               task->relation->name);
    run_here(coordination, task);
}

/* How many batches have come to their end with it. */
static size_t take_outcome(struct coordination *coordination, struct outcome *outcome)
{
    switch (outcome->kind) {
    case OUTCOME_DONE:
        return 1;
    case OUTCOME_DEFERRED:
        take_deferred(coordination, outcome->task);
        return 0;
    case OUTCOME_UNREADABLE:
        read_otherwise_here(coordination, outcome->task, &outcome->error);
        return 0;
    case OUTCOME_RETURNED:
        miss_worker(coordination, &outcome->error);
        run_batch_here(coordination, &outcome->rest);
        return 1;
    case OUTCOME_FAILED:
        note_failure(coordination, &outcome->error);
        return 0;
    case OUTCOME_NOT_OPENED:
        if (strcmp(outcome->error.sqlstate, "53300") == 0)
            miss_worker(coordination, &outcome->error);
        else
            note_failure(coordination, &outcome->error);
        return 0;
    }
    return 0;
}

/* Where there is no worker, the coordinator is one. */
static bool take_batch(struct coordination *coordination, struct wave *wave)
{
    void *item;

    if (coordination->not_opened < coordination->options->count ||
        !queue_try_pop(wave->batches, &item))
        return false;
    run_batch_here(coordination, item);
    return true;
}

static void coordinate_wave(struct coordination *coordination, struct wave *wave)
{
    size_t done = 0;

    coordination->not_opened = 0;
    while (coordination->failure.kind == ERROR_NONE && done < wave->batch_count) {
        bool is_open;
        void *item;

        look_after_sessions(coordination);
        if (take_batch(coordination, wave)) {
            done++;
        } else if (queue_pop_wait(wave->outcomes, &item, LOOK_MS, &is_open)) {
            done += take_outcome(coordination, item);
            free(item);
        }
    }
}

void coordinate(struct coordination *coordination, struct wave *waves, unsigned count)
{
    coordination->waves = waves;
    coordination->wave_count = count;
    if (coordination->holding) {
        coordination->snapshot = coordination->holding->snapshot;
        plan_keeper(coordination);
    }
    for (unsigned i = 0; i < count; i++)
        coordinate_wave(coordination, &waves[i]);
}
