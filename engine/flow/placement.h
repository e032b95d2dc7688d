/* Where the threads of a run go. A lane is a last-level cache with the sessions, codec threads and
 * buffers that live in it: what a session reads is encoded beside it and never crosses to another
 * NUMA node before the I/O thread writes it. A machine with one cache domain, a small one, or one
 * under a CPU quota gets a single lane that is bound to nothing: there the kernel shares out better
 * than any rule. */
#ifndef PGFAST_FLOW_PLACEMENT_H
#define PGFAST_FLOW_PLACEMENT_H

#include "engine/flow/topology.h"

#include <stdbool.h>

struct lane {
    unsigned node;                      /* NUMA node, as the kernel counts */
    unsigned sessions;                  /* at least 1 */
    unsigned codec_threads;             /* 0: sessions encode what they read themselves */
    const struct processor *processors; /* lent by the topology */
    unsigned processor_count;
};

struct placement {
    struct lane *lanes;
    unsigned lane_count; /* at least 1 */
    bool is_bound;       /* threads stay on their lane's processors */
};

/* Pure. The topology must outlive the placement. sessions: at least 1. */
void placement_plan(struct placement *placement, const struct topology *topology,
                    unsigned sessions);
void placement_clear(struct placement *placement);

/* Which lane session `index` works in; sessions are dealt to the lanes in turn. Pure. */
unsigned placement_lane_of(const struct placement *placement, unsigned index);

/* Keeps the calling thread in the lane, where the placement is bound; what the kernel refuses is
 * left as it is. Its memory follows: Linux gives a page where it is first touched. */
void placement_enter(const struct placement *placement, unsigned lane);

#endif
