#include "engine/flow/topology.h"

#include "engine/flow/cpu_quota.h"

#include <hwloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static unsigned at_least_one(int count)
{
    return count < 1 ? 1 : (unsigned)count;
}

/* hwloc drops what the cpuset forbids by itself; what taskset forbids only when asked to. */
static bool ask_hwloc(struct topology *topology)
{
    hwloc_topology_t machine;

    if (hwloc_topology_init(&machine) != 0)
        return false;
    bool is_loaded =
        hwloc_topology_set_flags(machine, HWLOC_TOPOLOGY_FLAG_IS_THISSYSTEM |
                                              HWLOC_TOPOLOGY_FLAG_RESTRICT_TO_CPUBINDING) == 0 &&
        hwloc_topology_load(machine) == 0;
    if (is_loaded) {
        topology->processors = at_least_one(hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_PU));
        topology->numa_nodes = at_least_one(hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_NUMANODE));
    }
    hwloc_topology_destroy(machine);
    return is_loaded;
}

static unsigned find_quota(void)
{
    char membership[16 * 1024];

    FILE *file = fopen("/proc/self/cgroup", "re");
    if (file == NULL)
        return 0;
    size_t length = fread(membership, 1, sizeof membership - 1, file);
    membership[length] = '\0';
    fclose(file);
    return cpu_quota_find(membership, "/sys/fs/cgroup");
}

void topology_discover(struct topology *topology)
{
    if (!ask_hwloc(topology))
        *topology = (struct topology){
            .processors = at_least_one((int)sysconf(_SC_NPROCESSORS_ONLN)), .numa_nodes = 1};

    unsigned quota = find_quota();
    if (quota != 0 && quota < topology->processors)
        topology->processors = quota;
}

unsigned topology_plan_codec_threads(const struct topology *topology, unsigned sessions)
{
    const unsigned processors = topology->processors;

    /* On a small machine the kernel shares out better than any rule: whoever has work gets a
     * processor. */
    if (processors <= 4)
        return processors;

    /* A session that is copying keeps a processor busy here, and its backend often another one on
     * the same machine; a quarter is kept for the codecs whatever the number of sessions. */
    unsigned half_of_rest = processors > sessions ? (processors - sessions) / 2 : 0;
    unsigned quarter = processors / 4;
    return half_of_rest > quarter ? half_of_rest : quarter;
}
