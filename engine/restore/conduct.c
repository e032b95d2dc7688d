#include "engine/restore/conduct.h"

#include "engine/archive/label.h"
#include "engine/base/memory.h"
#include "engine/restore/hint.h"
#include "engine/restore/hold_back.h"
#include "engine/restore/loading.h"
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
    struct maintenance *maintenance;
    struct watch *watch;
    struct loading loading;
    size_t loads_left;            /* steps with data that have not ended */
    size_t work_left;             /* steps with something to do that have not begun */
    size_t most_steps;            /* of one assignment */
    const struct plan_step *held; /* begun, but did not fit into the last assignment; or NULL */

    struct team *team;
    unsigned size;    /* sessions asked for */
    unsigned awaited; /* of these, neither there nor known to be absent */
    unsigned absent;
    unsigned idle;        /* sessions without an assignment */
    unsigned running;     /* assignments that sessions are at */
    struct error absence; /* why the first that is absent is */

    bool is_retrying; /* the schedule is done: only what was postponed is left */
    struct postponed *postponed;
    size_t postponed_count, postponed_capacity;
};

static bool is_load(const struct plan_step *step)
{
    return step->action == PLAN_LOAD_TABLE || step->action == PLAN_LOAD_BLOBS ||
           step->action == PLAN_LOAD_PAGES;
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
    case PLAN_PASS_SWITCHES:
        return "post-data";
    case PLAN_PASS_SCHEMA_ACL:
    case PLAN_PASS_ACL:
        return "privileges";
    default:
        return "refreshing";
    }
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

static void finish_step(struct conductor *conductor, const struct plan_step *step,
                        const struct outcome *outcome)
{
    if (outcome->is_postponed)
        postpone(conductor, step, &outcome->error);
    else
        account_step(conductor->account, step, outcome);
    if (conductor->is_retrying)
        return;
    if (is_load(step) && outcome->error_count > 0 && conductor->account->found_no_room)
        hold_back_note(conductor->plan, step);
    if (!outcome->is_defined)
        plan_step_failed(conductor->plan, step);
    if (step->action != PLAN_LOAD_TABLE)
        counter_add(&conductor->watch->counters.steps_us_done, step->cost_us);
    schedule_finish(conductor->schedule, (unsigned)(step - conductor->plan->steps));
    conductor->loads_left -= is_load(step);
}

/* Which another run will do, for what it waits for found no room. */
static bool is_held_back(const struct conductor *conductor, const struct plan_step *step)
{
    if (conductor->settings->journal == NULL || !conductor->account->found_no_room)
        return false;
    if (is_load(step) && !step->is_done && !plan_step_is_work(step))
        hold_back_note(conductor->plan, step);
    return hold_back_is_due(conductor->plan, step);
}

/* Told as failed, for it is not there. Statistics are no object. */
static void hold_back(struct conductor *conductor, const struct plan_step *step)
{
    struct outcome outcome = {.error_count = step->action == PLAN_ANALYZE ? 0 : 1};
    char label[LABEL_BYTES];

    conductor->work_left--;
    if (outcome.error_count > 0) {
        label_entry(label, step->entry);
        error_set(&outcome.error, ERROR_OBJECTS,
                  "left for --resume, since it waits for what found no room on the server");
        event_emit_failure(conductor->watch->events, label, &outcome.error);
        counter_add(&conductor->watch->counters.errors, 1);
    }
    finish_step(conductor, step, &outcome);
}

/* The next step with something to do. False: nothing may start now. */
static bool find_work(struct conductor *conductor, const struct plan_step **step)
{
    unsigned node;

    if (conductor->held != NULL) {
        *step = conductor->held;
        conductor->held = NULL;
        return true;
    }
    while (schedule_next(conductor->schedule, &node)) {
        *step = &conductor->plan->steps[node];
        if (is_held_back(conductor, *step)) {
            hold_back(conductor, *step);
            continue;
        }
        if (plan_step_is_work(*step)) {
            conductor->work_left--;
            atomic_store(&conductor->watch->phase, phase_of(conductor, node));
            return true;
        }
        schedule_finish(conductor->schedule, node);
    }
    return false;
}

static void begin(struct conductor *conductor, struct assignment *assignment)
{
    loading_begin(&conductor->loading, assignment);
    assignment->kind = maintenance_kind_of(conductor->maintenance, assignment->steps[0]);
    assignment->maintenance = maintenance_begin(conductor->maintenance, assignment->kind);
}

/* What may start now, and goes well together. NULL: nothing may. */
static struct assignment *find_assignment(struct conductor *conductor)
{
    size_t count =
        assignment_fair_count(conductor->work_left, conductor->size, conductor->most_steps);
    struct assignment *assignment = assignment_create(count);
    const struct plan_step *step;

    while (assignment->count < count && find_work(conductor, &step)) {
        if (!assignment_add(assignment, step)) {
            conductor->held = step;
            break;
        }
    }
    if (assignment->count > 0) {
        begin(conductor, assignment);
        return assignment;
    }
    assignment_free(assignment);
    return NULL;
}

/* False: one of the steps has ended the restore; those behind it were left. */
static bool finish(struct conductor *conductor, struct assignment *assignment, struct error *error)
{
    bool is_well = true;

    loading_end(&conductor->loading, assignment);
    maintenance_end(conductor->maintenance, assignment->kind, assignment->count,
                    &assignment->maintenance);
    for (size_t i = 0; is_well && i < assignment->count; i++) {
        finish_step(conductor, assignment->steps[i], &assignment->outcomes[i]);
        is_well = !assignment->outcomes[i].stops;
        if (!is_well)
            *error = assignment->outcomes[i].error;
    }
    assignment_free(assignment);
    return is_well;
}

static void conductor_init(struct conductor *conductor, const struct conduct_work *work,
                           const struct target_settings *settings, unsigned size)
{
    const struct plan *plan = work->plan;

    *conductor = (struct conductor){
        .plan = plan,
        .settings = settings,
        .schedule = schedule_create(plan->nodes, plan->step_count),
        .account = work->account,
        .maintenance = work->maintenance,
        .watch = settings->watch,
        .loads_left = count_loads(plan),
        .work_left = count_work(plan),
        .most_steps = batch_size_for(settings->lock_slots, settings->sessions).most,
        .size = size,
        .awaited = size,
    };
    loading_init(&conductor->loading, plan, &settings->watch->counters);
}

static void tell_cycles(const struct conductor *conductor)
{
    unsigned first;
    size_t cycles = schedule_broken_cycles(conductor->schedule, &first);
    char label[LABEL_BYTES];

    if (cycles == 0)
        return;
    label_entry(label, conductor->plan->steps[first].entry);
    event_emit(conductor->watch->events, EVENT_WARNING,
               "dependencies of the archive go in circles, first at %s: %zu were ignored", label,
               cycles);
}

static void conductor_clear(struct conductor *conductor)
{
    tell_cycles(conductor);
    loading_clear(&conductor->loading);
    schedule_free(conductor->schedule);
    free(conductor->postponed);
}

bool conduct_alone(const struct conduct_work *work, struct target *target, struct error *error)
{
    struct assignment *assignment;
    struct conductor conductor;
    bool is_well = true;

    conductor_init(&conductor, work, target->settings, 1);
    counter_set(&conductor.watch->counters.sessions_busy, 1);
    while (is_well && (assignment = find_assignment(&conductor)) != NULL) {
        perform_assignment(target, assignment);
        is_well = finish(&conductor, assignment, error);
    }
    counter_set(&conductor.watch->counters.sessions_busy, 0);
    conductor_clear(&conductor);
    return is_well;
}

static void give(struct conductor *conductor, struct assignment *assignment)
{
    team_give(conductor->team, assignment);
    conductor->idle--;
    conductor->running++;
}

static void give_work(struct conductor *conductor)
{
    struct assignment *assignment;

    while (conductor->idle > 0 && (assignment = find_assignment(conductor)) != NULL)
        give(conductor, assignment);
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
        return finish(conductor, report.assignment, error);
    }
    conductor->awaited--;
    if (report.news == TEAM_JOINED)
        conductor->idle++;
    else if (!do_without(conductor, &report.error, error))
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

static struct assignment *assignment_of(struct conductor *conductor, const struct plan_step *step)
{
    struct assignment *assignment = assignment_create(1);
    bool is_added = assignment_add(assignment, step);

    assert(is_added);
    (void)is_added;
    begin(conductor, assignment);
    return assignment;
}

/* One more try for each; those that fail again are postponed again. */
static bool try_again(struct conductor *conductor, const struct postponed *again, size_t count,
                      struct error *error)
{
    size_t next = 0;

    while (next < count || conductor->running > 0) {
        for (; conductor->idle > 0 && next < count; next++)
            give(conductor, assignment_of(conductor, again[next].step));
        counter_set(&conductor->watch->counters.sessions_busy, conductor->running);
        if (!take_report(conductor, error))
            return false;
    }
    return true;
}

static bool fail_postponed(struct conductor *conductor, struct postponed *failed,
                           struct error *error)
{
    struct outcome outcome = {.error_count = 1,
                              .error = failed->error,
                              .found_no_room = target_found_no_room(&failed->error)};
    char label[LABEL_BYTES];

    label_entry(label, failed->step->entry);
    hint_add(&failed->error, failed->step->entry, conductor->settings->hint_course);
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

/* After a crash of the server, which has ended all sessions, so that no step goes on for long. */
static bool begins_again(const struct target_settings *settings)
{
    return settings->journal != NULL && atomic_load(&settings->journal->has_crashed);
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

bool conduct_team(const struct conduct_work *work, const struct connection *connection,
                  const struct target_settings *settings, unsigned jobs, struct error *error)
{
    struct conductor conductor;
    size_t steps = count_work(work->plan);
    bool is_well = true;

    if (steps == 0)
        return true;
    conductor_init(&conductor, work, settings, steps < jobs ? (unsigned)steps : jobs);
    is_well = team_start(&conductor.team, conductor.size, connection, settings, error) &&
              take_scheduled(&conductor, error) && take_postponed(&conductor, error);
    if (!is_well && !begins_again(settings)) {
        cancel_set(settings->watch->cancel);
        warn_of_triggers(work->plan, settings->watch);
    }
    team_end(conductor.team);
    counter_set(&settings->watch->counters.sessions_busy, 0);
    conductor_clear(&conductor);
    return is_well;
}
