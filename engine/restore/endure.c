#include "engine/restore/endure.h"

#include "engine/base/fault.h"
#include "engine/restore/perform.h"
#include "engine/restore/step_key.h"

#include <string.h>

/* Work on which so many sessions are lost in a row is what loses them. */
enum { MOST_LOSSES = 3 };

/* What is to be done with a list of pieces of work, of which each has an outcome. */
struct endured {
    struct target *target;
    struct outcome *outcomes;
    size_t count;
    size_t first;    /* the first that is not settled */
    unsigned losses; /* of sessions, on that one */
};

/* A piece that ends the restore is where its session was lost; those behind it were left. */
static size_t find_unsettled(const struct endured *work)
{
    size_t first = work->first;

    while (first < work->count && !work->outcomes[first].stops)
        first++;
    return first;
}

static void tell_loss(const struct endured *work)
{
    const char *why =
        work->first < work->count ? work->outcomes[work->first].error.message : "idle";

    event_emit(work->target->settings->watch->events, EVENT_WARNING,
               "a session was lost, and is replaced (%s)", why);
}

/* Nothing can be done by this session any more: the restore must not go on with it. */
static void give_up(const struct endured *work, const struct error *error)
{
    size_t place = work->first < work->count ? work->first : work->count - 1;

    work->outcomes[place].stops = true;
    work->outcomes[place].error = *error;
}

/* True: there is a session again, and the outcomes from the first unsettled one on are to be found
 * out. False: the work is done, or the restore ends. */
static bool recover(struct endured *work)
{
    struct error error;

    if (!target_is_recoverable(work->target))
        return false;
    size_t first = find_unsettled(work);
    work->losses = first > work->first ? 1 : work->losses + 1;
    work->first = first;
    if (work->losses == MOST_LOSSES) {
        if (first < work->count)
            error_hint(&work->outcomes[first].error,
                       "The session was lost %d times in a row with this; the server's log may say "
                       "why. Run the same command with --resume to go on.",
                       MOST_LOSSES);
        return false;
    }
    tell_loss(work);
    FAULT_POINT("restore.recover.before");
    if (!target_recover(work->target, &error)) {
        give_up(work, &error);
        return false;
    }
    FAULT_POINT("restore.recover.after");
    return true;
}

static bool is_entry_done(const struct target *target, enum execute_action action,
                          const struct toc_entry *entry)
{
    return target_is_done(target, execute_key(action, entry)) ||
           (action == EXECUTE_DEFINITION &&
            target_is_done(target, journal_key(JOURNAL_FLAWED, entry->dump_id, 0)));
}

/* ---- assignments ---- */

static bool is_step_done(const struct target *target, const struct plan_step *step)
{
    uint64_t key = step_key(step);

    if (journal_key_kind(key) == JOURNAL_DEFINED)
        return is_entry_done(target, EXECUTE_DEFINITION, step->entry);
    return key != 0 && target_is_done(target, key);
}

/* What was tried without a word is for the caller, but for what has been committed. */
static void settle_tentative(struct target *target, struct assignment *assignment)
{
    for (size_t i = 0; i < assignment->count; i++) {
        struct outcome *outcome = &assignment->outcomes[i];

        if (outcome->is_postponed && is_step_done(target, assignment->steps[i]))
            *outcome = (struct outcome){.is_defined = true};
    }
}

/* Those that turn out to be done have their outcome; the others are returned. */
static struct assignment *settle(const struct endured *work, const struct assignment *assignment)
{
    struct assignment *rest = assignment_create(assignment->count);

    rest->is_repeated = true;
    rest->kind = assignment->kind;
    rest->maintenance = assignment->maintenance;
    for (size_t i = work->first; i < work->count; i++) {
        work->outcomes[i] = (struct outcome){.is_defined = true};
        if (!is_step_done(work->target, assignment->steps[i]))
            rest->steps[rest->count++] = assignment->steps[i];
    }
    return rest;
}

static void take_outcomes(const struct endured *work, const struct assignment *assignment,
                          const struct assignment *rest)
{
    size_t next = 0;

    for (size_t i = work->first; i < work->count && next < rest->count; i++)
        if (assignment->steps[i] == rest->steps[next])
            work->outcomes[i] = rest->outcomes[next++];
}

static void perform_rest(const struct endured *work, const struct assignment *assignment)
{
    struct assignment *rest = settle(work, assignment);

    if (rest->count > 0)
        perform_assignment(work->target, rest);
    take_outcomes(work, assignment, rest);
    assignment_free(rest);
}

void endure_assignment(struct target *target, struct assignment *assignment)
{
    struct endured work = {
        .target = target, .outcomes = assignment->outcomes, .count = assignment->count};

    perform_assignment(target, assignment);
    while (recover(&work)) {
        if (assignment->is_tentative)
            settle_tentative(target, assignment);
        else
            perform_rest(&work, assignment);
    }
}

/* ---- entries ---- */

/* One by one: what is done is passed over, what is not comes again. */
static void execute_rest(const struct endured *work, enum execute_action action,
                         const struct toc_entry *const *entries)
{
    for (size_t i = work->first; i < work->count; i++) {
        work->outcomes[i] = (struct outcome){.is_defined = true};
        if (is_entry_done(work->target, action, entries[i]))
            continue;
        work->outcomes[i].is_defined = false;
        execute_entry(work->target, action, entries[i], &work->outcomes[i]);
        if (work->outcomes[i].stops)
            return;
    }
}

size_t endure_entries(struct target *target, enum execute_action action,
                      const struct toc_entry *const *entries, size_t count,
                      struct outcome *outcomes)
{
    struct endured work = {
        .target = target,
        .outcomes = outcomes,
        .count = execute_entries(target, action, entries, count, outcomes),
    };

    while (recover(&work))
        execute_rest(&work, action, entries);
    return work.count;
}
