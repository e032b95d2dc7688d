#include "engine/restore/rehearsal.h"

#include "engine/base/memory.h"
#include "engine/restore/cost.h"
#include "engine/restore/schedule.h"

#include <assert.h>
#include <stdlib.h>

enum { NOBODY = -1 };

struct player {
    struct rehearsal *rehearsal;
    const struct plan *plan;
    struct schedule *schedule;
    struct maintenance maintenance;
    long *node_by_session; /* NOBODY: idle */
    uint64_t *end_by_session;
    struct maintenance_grant *grant_by_session;
    unsigned sessions, busy;
    uint64_t now_us;
    uint64_t *way_by_node;    /* cost of the most expensive chain that ends with the node */
    unsigned *before_by_node; /* number + 1 of the node before it in that chain */
    size_t last_of_chain;     /* number + 1 */
};

/* What it depends on has its way already, but for cycles, which count for nothing. */
static void measure_way(struct player *player, unsigned node, uint64_t duration_us)
{
    const struct schedule_node *facts = &player->plan->nodes[node];
    uint64_t longest = 0;

    for (size_t i = 0; i < facts->dependency_count; i++) {
        unsigned before = facts->dependencies[i];
        if (player->way_by_node[before] <= longest)
            continue;
        longest = player->way_by_node[before];
        player->before_by_node[node] = before + 1;
    }
    player->way_by_node[node] = longest + duration_us;
    if (player->last_of_chain == NO_NUMBER ||
        player->way_by_node[node] > player->way_by_node[player->last_of_chain - 1])
        player->last_of_chain = (size_t)node + 1;
}

static unsigned find_idle(const struct player *player)
{
    unsigned session = 0;

    while (player->node_by_session[session] != NOBODY)
        session++;
    assert(session < player->sessions);
    return session;
}

static enum maintenance_kind kind_of(const struct player *player, long node)
{
    return maintenance_kind_of(&player->maintenance, &player->plan->steps[node]);
}

/* How long it will take. */
static uint64_t begin(struct player *player, unsigned node)
{
    struct rehearsal *rehearsal = player->rehearsal;
    const struct plan_step *step = &player->plan->steps[node];
    unsigned session = find_idle(player);
    struct maintenance_grant grant =
        maintenance_begin(&player->maintenance, kind_of(player, (long)node));
    uint64_t duration_us = cost_with_workers(step->cost_us, grant.workers);

    rehearsal->steps[rehearsal->count++] = (struct rehearsed_step){
        .step = step,
        .session = session + 1,
        .begin_us = player->now_us,
        .duration_us = duration_us,
    };
    player->node_by_session[session] = (long)node;
    player->end_by_session[session] = player->now_us + duration_us;
    player->grant_by_session[session] = grant;
    player->busy++;
    return duration_us;
}

static void begin_all(struct player *player)
{
    unsigned node;

    while (player->busy < player->sessions && schedule_next(player->schedule, &node)) {
        if (plan_step_is_work(&player->plan->steps[node])) {
            measure_way(player, node, begin(player, node));
        } else {
            measure_way(player, node, 0);
            schedule_finish(player->schedule, node);
        }
    }
}

static void end_first(struct player *player)
{
    unsigned first = player->sessions;

    for (unsigned i = 0; i < player->sessions; i++)
        if (player->node_by_session[i] != NOBODY &&
            (first == player->sessions ||
             player->end_by_session[i] < player->end_by_session[first]))
            first = i;
    assert(first < player->sessions);
    player->now_us = player->end_by_session[first];
    maintenance_end(&player->maintenance, kind_of(player, player->node_by_session[first]), 1,
                    &player->grant_by_session[first]);
    schedule_finish(player->schedule, (unsigned)player->node_by_session[first]);
    player->node_by_session[first] = NOBODY;
    player->busy--;
}

static void play(struct player *player)
{
    for (unsigned i = 0; i < player->sessions; i++)
        player->node_by_session[i] = NOBODY;
    begin_all(player);
    while (!schedule_is_done(player->schedule)) {
        end_first(player);
        begin_all(player);
    }
    player->rehearsal->duration_us = player->now_us;
}

/* From the last back to the first, then turned round. */
static void list_chain(struct player *player)
{
    struct rehearsal *rehearsal = player->rehearsal;
    size_t node = player->last_of_chain;

    if (node != NO_NUMBER)
        rehearsal->chain_us = player->way_by_node[node - 1];
    for (; node != NO_NUMBER; node = player->before_by_node[node - 1]) {
        const struct plan_step *step = &player->plan->steps[node - 1];
        if (plan_step_is_work(step))
            rehearsal->chain[rehearsal->chain_count++] = step;
    }
    for (size_t i = 0; i < rehearsal->chain_count / 2; i++) {
        const struct plan_step *step = rehearsal->chain[i];
        rehearsal->chain[i] = rehearsal->chain[rehearsal->chain_count - 1 - i];
        rehearsal->chain[rehearsal->chain_count - 1 - i] = step;
    }
}

void rehearse(struct rehearsal *rehearsal, struct arena *arena, const struct plan *plan,
              const struct maintenance *maintenance, unsigned sessions)
{
    size_t count = plan->step_count + 1;
    struct player player = {
        .rehearsal = rehearsal,
        .plan = plan,
        .schedule = schedule_create(plan->nodes, plan->step_count),
        .maintenance = *maintenance,
        .sessions = sessions > 0 ? sessions : 1,
        .way_by_node = memory_allocate(count, sizeof(uint64_t)),
        .before_by_node = memory_allocate(count, sizeof(unsigned)),
    };

    player.node_by_session = memory_allocate(player.sessions, sizeof(long));
    player.end_by_session = memory_allocate(player.sessions, sizeof(uint64_t));
    player.grant_by_session = memory_allocate(player.sessions, sizeof player.grant_by_session[0]);
    *rehearsal = (struct rehearsal){
        .steps = arena_allocate(arena, count, sizeof rehearsal->steps[0]),
        .chain = arena_allocate(arena, count, sizeof(struct plan_step *)),
    };
    play(&player);
    list_chain(&player);
    schedule_free(player.schedule);
    free(player.node_by_session);
    free(player.end_by_session);
    free(player.grant_by_session);
    free(player.way_by_node);
    free(player.before_by_node);
}
