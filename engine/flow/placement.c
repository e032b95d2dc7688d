#include "engine/flow/placement.h"

#include "engine/base/memory.h"

#include <assert.h>
#include <sched.h>
#include <stdlib.h>

/* Up to here the threads of a run are more than the processors, whatever is planned. */
enum { SMALL_MACHINE = 4 };

/* ---- one lane ---- */

/* Where there is a session for each processor, threads of their own could encode no faster: they
 * would only have to be woken for each chunk, which by then is in another processor's cache.
 * Elsewhere a session that is copying keeps a processor busy here, and its backend often another
 * one on the same machine; a quarter is kept for the codecs. */
static unsigned count_codec_threads(unsigned processors, unsigned sessions)
{
    if (sessions >= processors)
        return 0;
    if (processors <= SMALL_MACHINE)
        return processors;

    unsigned half_of_rest = (processors - sessions) / 2;
    unsigned quarter = processors / 4;

    return half_of_rest > quarter ? half_of_rest : quarter;
}

static void plan_one_lane(struct placement *placement, const struct topology *topology,
                          unsigned sessions)
{
    placement->lanes = memory_allocate(1, sizeof placement->lanes[0]);
    placement->lane_count = 1;
    placement->is_bound = false;
    placement->lanes[0] = (struct lane){
        .node = topology->processors[0].node,
        .sessions = sessions,
        .codec_threads = count_codec_threads(topology->usable, sessions),
        .processors = topology->processors,
        .processor_count = topology->processor_count,
    };
}

/* ---- a lane a domain ---- */

static void list_domains(struct lane *lanes, const struct topology *topology)
{
    for (unsigned i = 0; i < topology->processor_count; i++) {
        const struct processor *processor = &topology->processors[i];
        struct lane *lane = &lanes[processor->domain];

        if (lane->processor_count == 0) {
            lane->processors = processor;
            lane->node = processor->node;
        }
        lane->processor_count++;
    }
}

/* Domains of slow cores are for when the fast ones are full, and among equals the emptiest comes
 * first; of those the one whose node has least to do, so that few sessions already use the memory
 * of all nodes. */
struct load {
    unsigned is_full; /* 0 or 1 */
    unsigned slowness;
    unsigned in_domain; /* sessions per processor, in 1/4096 */
    unsigned in_node;   /* sessions */
};

static unsigned sessions_in_node(const struct lane *lanes, unsigned count, unsigned node)
{
    unsigned sessions = 0;

    for (unsigned i = 0; i < count; i++)
        if (lanes[i].node == node)
            sessions += lanes[i].sessions;
    return sessions;
}

static struct load measure(const struct lane *lanes, unsigned count, unsigned index)
{
    const struct lane *lane = &lanes[index];

    return (struct load){
        .is_full = lane->sessions >= lane->processor_count,
        .slowness = ~lane->processors[0].speed,
        .in_domain = lane->sessions * 4096 / lane->processor_count,
        .in_node = sessions_in_node(lanes, count, lane->node),
    };
}

static bool is_less(const struct load *left, const struct load *right)
{
    if (left->is_full != right->is_full)
        return left->is_full < right->is_full;
    if (!left->is_full && left->slowness != right->slowness)
        return left->slowness < right->slowness;
    if (left->in_domain != right->in_domain)
        return left->in_domain < right->in_domain;
    return left->in_node < right->in_node;
}

static unsigned choose_lane(const struct lane *lanes, unsigned count)
{
    unsigned best = 0;
    struct load least = measure(lanes, count, 0);

    for (unsigned i = 1; i < count; i++) {
        struct load load = measure(lanes, count, i);

        if (is_less(&load, &least)) {
            least = load;
            best = i;
        }
    }
    return best;
}

/* A domain without a session has no work for a codec thread either. */
static unsigned drop_empty(struct lane *lanes, unsigned count)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < count; i++)
        if (lanes[i].sessions > 0)
            lanes[kept++] = lanes[i];
    return kept;
}

static void plan_lanes(struct placement *placement, const struct topology *topology,
                       unsigned sessions)
{
    struct lane *lanes = memory_allocate(topology->domain_count, sizeof lanes[0]);

    list_domains(lanes, topology);
    for (unsigned i = 0; i < sessions; i++)
        lanes[choose_lane(lanes, topology->domain_count)].sessions++;
    placement->lanes = lanes;
    placement->lane_count = drop_empty(lanes, topology->domain_count);
    placement->is_bound = true;
    for (unsigned i = 0; i < placement->lane_count; i++)
        lanes[i].codec_threads = count_codec_threads(lanes[i].processor_count, lanes[i].sessions);
}

void placement_plan(struct placement *placement, const struct topology *topology, unsigned sessions)
{
    bool is_limited = topology->usable < topology->processor_count;

    if (topology->domain_count == 1 || topology->processor_count <= SMALL_MACHINE || is_limited)
        plan_one_lane(placement, topology, sessions);
    else
        plan_lanes(placement, topology, sessions);
}

void placement_clear(struct placement *placement)
{
    free(placement->lanes);
    placement->lanes = NULL;
}

/* ---- using it ---- */

/* Round by round, each lane that still has room: the first sessions to start are spread out. */
unsigned placement_lane_of(const struct placement *placement, unsigned index)
{
    assert(placement->lane_count > 0);
    for (unsigned round = 0;; round++) {
        unsigned dealt = 0;

        for (unsigned i = 0; i < placement->lane_count; i++) {
            if (placement->lanes[i].sessions <= round)
                continue;
            if (dealt++ == index)
                return i;
        }
        /* More than were planned: they share the first lane's room. */
        if (dealt == 0)
            return index % placement->lane_count;
        index -= dealt;
    }
}

void placement_enter(const struct placement *placement, unsigned lane)
{
    const struct lane *home = &placement->lanes[lane];
    unsigned highest = 0;

    if (!placement->is_bound)
        return;
    for (unsigned i = 0; i < home->processor_count; i++)
        if (home->processors[i].number > highest)
            highest = home->processors[i].number;

    cpu_set_t *set = CPU_ALLOC(highest + 1);
    size_t bytes = CPU_ALLOC_SIZE(highest + 1);

    if (set == NULL)
        return;
    CPU_ZERO_S(bytes, set);
    for (unsigned i = 0; i < home->processor_count; i++)
        CPU_SET_S(home->processors[i].number, bytes, set);
    (void)!sched_setaffinity(0, bytes, set);
    CPU_FREE(set);
}
