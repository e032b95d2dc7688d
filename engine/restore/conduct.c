#include "engine/restore/conduct.h"

#include "engine/archive/label.h"
#include "engine/base/memory.h"
#include "engine/restore/hint.h"
#include "engine/restore/perform.h"
#include "engine/restore/schedule.h"
#include "engine/restore/team.h"

#include <assert.h>
#include <stdlib.h>

/* A step that has failed, and gets another try when all others have had theirs. */
struct postponed {
    const struct plan_step *step;
    struct error error;
};

struct conductor {
    const struct plan *plan;
    const struct target_settings *settings;
    struct schedule *schedule;
    struct account *account;
    struct watch *watch;
    size_t loads_left; /* steps with data that have not ended */

    struct team *team;
    unsigned size;    /* sessions asked for */
    unsigned awaited; /* of these, neither there nor known to be absent */
    unsigned absent;
    unsigned idle;        /* sessions without a step */
    unsigned running;     /* steps that sessions are at */
    struct error absence; /* why the first that is absent is */

    bool is_retrying; /* the schedule is done: only what was postponed is left */
    struct postponed *postponed;
    size_t postponed_count, postponed_capacity;
};

static bool is_load(const struct plan_step *step)
{
    return step->action == PLAN_LOAD_TABLE || step->action == PLAN_LOAD_BLOBS;
}

static size_t count_work(const struct plan *plan)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->step_count; i++)
        count += plan_step_is_work(&plan->steps[i]);
    return count;
}

static size_t count_loads(const struct plan *plan)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->step_count; i++)
        count += plan_step_is_work(&plan->steps[i]) && is_load(&plan->steps[i]);
    return count;
}

static const char *phase_of(const struct conductor *conductor, unsigned node)
{
    switch (conductor->plan->nodes[node].pass) {
    case PLAN_PASS_MAIN:
        return conductor->loads_left > 0 ? "data" : "post-data";
    case PLAN_PASS_SCHEMA_ACL:
    case PLAN_PASS_ACL:
        return "privileges";
    default:
        return "refreshing";
    }
}

/* The next step with something to do. False: nothing may start now. */
static bool find_work(struct conductor *conductor, const struct plan_step **step)
{
    unsigned node;

    while (schedule_next(conductor->schedule, &node)) {
        if (plan_step_is_work(&conductor->plan->steps[node])) {
            *step = &conductor->plan->steps[node];
            atomic_store(&conductor->watch->phase, phase_of(conductor, node));
            return true;
        }
        schedule_finish(conductor->schedule, node);
    }
    return false;
}

static void postpone(struct conductor *conductor, const struct plan_step *step,
                     const struct error *error)
{
    if (conductor->postponed_count == conductor->postponed_capacity) {
        conductor->postponed_capacity =
            conductor->postponed_capacity ? 2 * conductor->postponed_capacity : 16;
        conductor->postponed = memory_resize(conductor->postponed, conductor->postponed_capacity,
                                             sizeof conductor->postponed[0]);
    }
    conductor->postponed[conductor->postponed_count++] =
        (struct postponed){.step = step, .error = *error};
}

static void finish(struct conductor *conductor, const struct plan_step *step,
                   const struct outcome *outcome)
{
    if (outcome->is_postponed)
        postpone(conductor, step, &outcome->error);
    else
        account_step(conductor->account, step, outcome);
    if (conductor->is_retrying)
        return;
    schedule_finish(conductor->schedule, (unsigned)(step - conductor->plan->steps));
    conductor->loads_left -= is_load(step);
}

static void conductor_init(struct conductor *conductor, const struct plan *plan,
                           const struct target_settings *settings, struct account *account)
{
    *conductor = (struct conductor){
        .plan = plan,
        .settings = settings,
        .schedule = schedule_create(plan->nodes, plan->step_count),
        .account = account,
        .watch = settings->watch,
        .loads_left = count_loads(plan),
    };
}

static void conductor_clear(struct conductor *conductor)
{
    if (schedule_broken_cycles(conductor->schedule) > 0)
        event_emit(conductor->watch->events, EVENT_WARNING,
                   "the archive's dependencies go in circles: %zu were ignored",
                   schedule_broken_cycles(conductor->schedule));
    schedule_free(conductor->schedule);
    free(conductor->postponed);
}

bool conduct_alone(const struct plan *plan, struct target *target, struct account *account,
                   struct error *error)
{
    const struct plan_step *step;
    struct conductor conductor;
    bool is_well = true;

    conductor_init(&conductor, plan, target->settings, account);
    counter_set(&conductor.watch->counters.sessions_busy, 1);
    while (is_well && find_work(&conductor, &step)) {
        struct outcome outcome = {.error_count = 0};

        perform_step(target, step, &outcome);
        finish(&conductor, step, &outcome);
        if (outcome.stops) {
            *error = outcome.error;
            is_well = false;
        }
    }
    counter_set(&conductor.watch->counters.sessions_busy, 0);
    conductor_clear(&conductor);
    return is_well;
}

static void give(struct conductor *conductor, const struct plan_step *step)
{
    team_give(conductor->team, step);
    conductor->idle--;
    conductor->running++;
}

static void give_work(struct conductor *conductor)
{
    const struct plan_step *step;

    while (conductor->idle > 0 && find_work(conductor, &step))
        give(conductor, step);
    counter_set(&conductor->watch->counters.sessions_busy, conductor->running);
}

/* A session that cannot be had for want of room is done without, as long as there is one. */
static bool do_without(struct conductor *conductor, const struct error *absence,
                       struct error *error)
{
    bool is_last = conductor->awaited == 0 && conductor->idle + conductor->running == 0;

    if (conductor->absent == 0)
        conductor->absence = *absence;
    conductor->absent++;
    if (absence->kind == ERROR_CANCELLED || absence->kind == ERROR_AUTHENTICATION || is_last) {
        *error = *absence;
        return false;
    }
    return true;
}

static void tell_absence(const struct conductor *conductor)
{
    if (conductor->awaited == 0 && conductor->absent > 0)
        event_emit(conductor->watch->events, EVENT_WARNING, "going on with %u of %u sessions: %s",
                   conductor->size - conductor->absent, conductor->size,
                   conductor->absence.message);
}

static bool take_report(struct conductor *conductor, struct error *error)
{
    struct team_report report = {.news = TEAM_DONE};

    team_take(conductor->team, &report);
    if (report.news == TEAM_DONE) {
        conductor->running--;
        conductor->idle++;
        finish(conductor, report.step, &report.outcome);
        if (report.outcome.stops)
            *error = report.outcome.error;
        return !report.outcome.stops;
    }
    conductor->awaited--;
    if (report.news == TEAM_JOINED)
        conductor->idle++;
    else if (!do_without(conductor, &report.outcome.error, error))
        return false;
    tell_absence(conductor);
    return true;
}

static bool take_scheduled(struct conductor *conductor, struct error *error)
{
    for (;;) {
        give_work(conductor);
        if (schedule_is_done(conductor->schedule))
            return true;
        assert(conductor->running + conductor->awaited > 0);
        if (!take_report(conductor, error))
            return false;
    }
}

/* One more try for each; those that fail again are postponed again. */
static bool try_again(struct conductor *conductor, const struct postponed *again, size_t count,
                      struct error *error)
{
    size_t next = 0;

    while (next < count || conductor->running > 0) {
        for (; conductor->idle > 0 && next < count; next++)
            give(conductor, again[next].step);
        counter_set(&conductor->watch->counters.sessions_busy, conductor->running);
        if (!take_report(conductor, error))
            return false;
    }
    return true;
}

static bool fail_postponed(struct conductor *conductor, struct postponed *failed,
                           struct error *error)
{
    struct outcome outcome = {.error_count = 1, .error = failed->error};
    char label[LABEL_BYTES];

    label_entry(label, failed->step->entry);
    hint_add(&failed->error, failed->step->entry);
    account_step(conductor->account, failed->step, &outcome);
    counter_add(&conductor->watch->counters.errors, 1);
    if (!conductor->settings->exit_on_error) {
        event_emit_failure(conductor->watch->events, label, &failed->error);
        return true;
    }
    *error = failed->error;
    error_prefix(error, "%s", label);
    return false;
}

/* Until a round brings nothing more. */
static bool take_postponed(struct conductor *conductor, struct error *error)
{
    bool is_well = true;
    bool is_hopeful = true;

    conductor->is_retrying = true;
    while (is_well && is_hopeful && conductor->postponed_count > 0) {
        struct postponed *again = conductor->postponed;
        size_t count = conductor->postponed_count;

        conductor->postponed = NULL;
        conductor->postponed_count = conductor->postponed_capacity = 0;
        is_well = try_again(conductor, again, count, error);
        is_hopeful = conductor->postponed_count < count;
        free(again);
    }
    for (size_t i = 0; is_well && i < conductor->postponed_count; i++)
        is_well = fail_postponed(conductor, &conductor->postponed[i], error);
    return is_well;
}

/* What an interrupted load leaves behind that is not undone by the server. */
static void warn_of_triggers(const struct plan *plan, struct watch *watch)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        if (plan->steps[i].action == PLAN_DISABLE_TRIGGERS && plan_step_is_work(&plan->steps[i])) {
            event_emit(watch->events, EVENT_WARNING,
                       "triggers may still be disabled: check the tables, and enable them with "
                       "ALTER TABLE ... ENABLE TRIGGER ALL");
            return;
        }
    }
}

bool conduct_team(const struct plan *plan, const struct connection *connection,
                  const struct target_settings *settings, unsigned jobs, struct account *account,
                  struct error *error)
{
    struct conductor conductor;
    size_t work = count_work(plan);
    bool is_well = true;

    if (work == 0)
        return true;
    conductor_init(&conductor, plan, settings, account);
    conductor.size = work < jobs ? (unsigned)work : jobs;
    conductor.awaited = conductor.size;
    is_well = team_start(&conductor.team, conductor.size, connection, settings, error) &&
              take_scheduled(&conductor, error) && take_postponed(&conductor, error);
    if (!is_well) {
        cancel_set(settings->watch->cancel);
        warn_of_triggers(plan, settings->watch);
    }
    team_end(conductor.team);
    counter_set(&settings->watch->counters.sessions_busy, 0);
    conductor_clear(&conductor);
    return is_well;
}
