#include "engine/restore/team.h"

#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/base/queue.h"
#include "engine/restore/perform.h"

#include <assert.h>
#include <stdlib.h>

struct team {
    const struct connection *connection;
    const struct target_settings *settings;
    struct queue *steps;   /* of struct order */
    struct queue *reports; /* of struct team_report */
    struct crew *crew;
};

struct order {
    const struct plan_step *step;
};

/* The line has room for all that can be under way: what each has joined with, and a step for each.
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

    if (!target_open(&target, team->connection, team->settings, &said.outcome.error)) {
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
    while (target != NULL && queue_pop(team->steps, &item)) {
        struct order *order = item;
        struct team_report said = {.news = TEAM_DONE, .step = order->step};

        free(order);
        perform_step(target, said.step, &said.outcome);
        report(team, &said);
    }
    target_close(target);
}

static void abandon(void *context)
{
    struct team *team = context;

    queue_close(team->steps);
}

static void free_queue(struct queue *queue)
{
    void *item;

    while (queue_try_pop(queue, &item))
        free(item);
    queue_free(queue);
}

static void team_free(struct team *team)
{
    free_queue(team->reports);
    free_queue(team->steps);
    free(team);
}

bool team_start(struct team **team, unsigned size, const struct connection *connection,
                const struct target_settings *settings, struct error *error)
{
    struct team *made = memory_allocate(1, sizeof *made);

    made->connection = connection;
    made->settings = settings;
    made->steps = queue_create(size);
    made->reports = queue_create(2 * (size_t)size);
    if (!crew_start(&made->crew, "pgf-restore", size, work, abandon, made, error)) {
        team_free(made);
        return false;
    }
    *team = made;
    return true;
}

void team_give(struct team *team, const struct plan_step *step)
{
    struct order *order = memory_allocate(1, sizeof *order);

    order->step = step;
    bool is_pushed = queue_push(team->steps, order);
    assert(is_pushed);
    if (!is_pushed)
        free(order);
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
    queue_close(team->steps);
    crew_join(team->crew);
    team_free(team);
}
