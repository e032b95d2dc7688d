#include "engine/restore/team.h"

#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/base/queue.h"
#include "engine/restore/endure.h"

#include <assert.h>
#include <stdlib.h>

struct team {
    const struct connection *connection;
    const struct target_settings *settings;
    struct queue *assignments;
    struct queue *reports; /* of struct team_report */
    struct crew *crew;
};

/* The line has room for all that can be under way: what each has joined with, and an
 * assignment for each.
 */
static void report(struct team *team, const struct team_report *said)
{
    struct team_report *copy = memory_allocate(1, sizeof *copy);

    *copy = *said;
    bool is_pushed = queue_push(team->reports, copy);
    assert(is_pushed);
    if (!is_pushed)
        free(copy);
}

static struct target *join(struct team *team)
{
    struct team_report said = {.news = TEAM_JOINED};
    struct target *target = NULL;

    if (target_open_patiently(&target, team->connection, team->settings, &said.error)) {
        (void)target_forget_warnings(
            target); /* the coordinator's connection brought them as well */
    } else {
        said.news = TEAM_ABSENT;
        target = NULL;
    }
    report(team, &said);
    return target;
}

static void work(void *context, unsigned index)
{
    struct team *team = context;
    struct target *target = join(team);
    void *item;

    (void)index;
    while (target != NULL && queue_pop(team->assignments, &item)) {
        struct team_report said = {.news = TEAM_DONE, .assignment = item};

        endure_assignment(target, said.assignment);
        report(team, &said);
    }
    target_close(target);
}

static void abandon(void *context)
{
    struct team *team = context;

    queue_close(team->assignments);
}

static void free_assignments(struct queue *assignments)
{
    void *item;

    while (queue_try_pop(assignments, &item))
        assignment_free(item);
    queue_free(assignments);
}

static void free_reports(struct queue *reports)
{
    void *item;

    while (queue_try_pop(reports, &item)) {
        struct team_report *said = item;

        assignment_free(said->assignment);
        free(said);
    }
    queue_free(reports);
}

static void team_free(struct team *team)
{
    free_reports(team->reports);
    free_assignments(team->assignments);
    free(team);
}

bool team_start(struct team **team, unsigned size, const struct connection *connection,
                const struct target_settings *settings, struct error *error)
{
    struct team *made = memory_allocate(1, sizeof *made);

    made->connection = connection;
    made->settings = settings;
    made->assignments = queue_create(size);
    made->reports = queue_create(2 * (size_t)size);
    if (!crew_start(&made->crew, "pgf-restore", size, work, abandon, made, error)) {
        team_free(made);
        return false;
    }
    *team = made;
    return true;
}

void team_give(struct team *team, struct assignment *assignment)
{
    bool is_pushed = queue_push(team->assignments, assignment);

    assert(is_pushed);
    if (!is_pushed)
        assignment_free(assignment);
}

void team_take(struct team *team, struct team_report *report)
{
    void *item;
    bool is_popped = queue_pop(team->reports, &item);

    assert(is_popped);
    if (!is_popped)
        return;
    struct team_report *said = item;
    *report = *said;
    free(said);
}

void team_end(struct team *team)
{
    if (team == NULL)
        return;
    queue_close(team->assignments);
    crew_join(team->crew);
    team_free(team);
}
