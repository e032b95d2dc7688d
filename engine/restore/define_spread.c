#include "engine/restore/define_spread.h"

#include "engine/base/memory.h"
#include "engine/restore/team.h"

#include <stdlib.h>

struct spreading {
    struct spread spread;
    struct plan_step *steps;   /* as the team wants them, one for each entry of the spread */
    const size_t *place_of_id; /* of the entries, by dump id */
    bool *is_made;
    struct team *team;
    size_t next; /* bundle to be given */
    unsigned awaited, idle, running;
    bool has_failed; /* a session was lost that cannot be replaced */
    struct error error;
};

static struct assignment *make_assignment(const struct spreading *spreading, size_t bundle)
{
    size_t begin = bundle > 0 ? spreading->spread.ends[bundle - 1] : 0;
    size_t end = spreading->spread.ends[bundle];
    struct assignment *assignment = assignment_create(end - begin);

    assignment->is_tentative = true;
    for (size_t i = begin; i < end; i++)
        assignment->steps[assignment->count++] = &spreading->steps[i];
    return assignment;
}

static void give_bundles(struct spreading *spreading)
{
    if (spreading->has_failed)
        return;
    for (; spreading->idle > 0 && spreading->next < spreading->spread.count; spreading->next++) {
        team_give(spreading->team, make_assignment(spreading, spreading->next));
        spreading->idle--;
        spreading->running++;
    }
}

static void take_assignment(struct spreading *spreading, struct assignment *assignment)
{
    for (size_t i = 0; i < assignment->count; i++) {
        const struct outcome *outcome = &assignment->outcomes[i];

        spreading->is_made[spreading->place_of_id[assignment->steps[i]->entry->dump_id]] =
            !outcome->is_postponed;
        if (!outcome->stops)
            continue;
        spreading->has_failed = true;
        spreading->error = outcome->error;
    }
    assignment_free(assignment);
    spreading->running--;
    spreading->idle++;
}

/* A session that cannot be had is done without. */
static void take_report(struct spreading *spreading)
{
    struct team_report report = {.news = TEAM_DONE};

    team_take(spreading->team, &report);
    if (report.news == TEAM_DONE) {
        take_assignment(spreading, report.assignment);
        return;
    }
    spreading->awaited--;
    spreading->idle += report.news == TEAM_JOINED;
}

static void spread_out(struct spreading *spreading)
{
    for (;;) {
        give_bundles(spreading);
        if (spreading->running + spreading->awaited == 0)
            return;
        take_report(spreading);
    }
}

static const size_t *note_places(const struct toc_entry *const *entries, size_t count,
                                 struct arena *arena, const struct toc *toc)
{
    size_t *places = arena_allocate(arena, (size_t)toc->largest_dump_id + 1, sizeof places[0]);

    for (size_t i = 0; i < count; i++)
        places[entries[i]->dump_id] = i;
    return places;
}

static struct plan_step *make_steps(const struct spread *spread, size_t count, struct arena *arena)
{
    struct plan_step *steps = arena_allocate(arena, count + 1, sizeof steps[0]);

    for (size_t i = 0; i < count; i++)
        steps[i] =
            (struct plan_step){.action = PLAN_DEFINE, .entry = spread->entries[i], .parts = 1};
    return steps;
}

bool define_spread(const struct toc_entry *const *entries, size_t count, struct arena *arena,
                   const struct connection *connection, const struct target_settings *settings,
                   bool *is_made, struct error *error)
{
    const struct toc *toc = settings->archive->toc;
    size_t most = batch_size_for(settings->lock_slots, settings->sessions).most;
    struct spreading spreading = {
        .place_of_id = note_places(entries, count, arena, toc),
    };

    spreading.is_made = is_made;
    spread_make(&spreading.spread, arena, toc, entries, count,
                assignment_fair_count(count, 2 * settings->sessions, most));
    spreading.steps = make_steps(&spreading.spread, count, arena);
    spreading.awaited = spreading.spread.count < settings->sessions
                            ? (unsigned)spreading.spread.count
                            : settings->sessions;
    if (!team_start(&spreading.team, spreading.awaited, connection, settings, error))
        return false;
    spread_out(&spreading);
    team_end(spreading.team);
    if (spreading.has_failed) {
        *error = spreading.error;
        return false;
    }
    return !cancel_is_set(settings->watch->cancel) ||
           error_set(error, ERROR_CANCELLED, "cancelled");
}
