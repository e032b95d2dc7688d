/* What the machine offers, asked of hwloc (which honours cpusets and affinity), and bounded by the
 * cgroup's CPU quota. A plain description: everything that is decided from it is decided elsewhere.
 */
#ifndef PGFAST_FLOW_TOPOLOGY_H
#define PGFAST_FLOW_TOPOLOGY_H

#include <stdbool.h>

/* One hardware thread. */
struct processor {
    unsigned number; /* as the kernel counts, for affinity masks */
    unsigned domain; /* which last-level cache it shares; counted from 0 */
    unsigned node;   /* NUMA node, as the kernel counts */
    unsigned speed;  /* kinds of cores, 0 the slowest; the same for all on most machines */
};

struct topology {
    struct processor *processors; /* in the order of domains */
    unsigned processor_count;     /* at least 1 */
    unsigned domain_count, node_count;
    unsigned usable; /* processors that may be busy at once: fewer than there are under a quota */
};

/* Falls back to one domain of as many processors as are online where hwloc fails. */
void topology_discover(struct topology *topology);

/* The processors that may be busy at once, where nothing else is asked of the machine. */
unsigned topology_count_usable(void);

/* A machine that need not be there, in hwloc's synthetic form ("pack:2 numa:1 l3:4 core:4 pu:2").
 * False: hwloc cannot read it. */
bool topology_imagine(struct topology *topology, const char *description);

void topology_clear(struct topology *topology);

#endif
