/* What the machine offers, asked of hwloc (which honours cpusets), and bounded by the cgroup's CPU
 * quota. */
#ifndef PGFAST_FLOW_TOPOLOGY_H
#define PGFAST_FLOW_TOPOLOGY_H

struct topology {
    unsigned processors; /* usable at once, at least 1 */
    unsigned numa_nodes; /* at least 1 */
};

void topology_discover(struct topology *topology); /* falls back to sysconf where hwloc fails */

/* How many codec threads serve `sessions` sessions on this machine; pure. */
unsigned topology_plan_codec_threads(const struct topology *topology, unsigned sessions);

#endif
