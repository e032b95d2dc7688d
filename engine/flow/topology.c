#include "engine/flow/topology.h"

#include "engine/base/memory.h"
#include "engine/flow/cpu_quota.h"

#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned at_least_one(int count)
{
    return count < 1 ? 1 : (unsigned)count;
}

/* ---- from hwloc's tree to our list ---- */

/* What its processors share that is nearest to a last-level cache; the machine, if nothing. */
static hwloc_obj_t shared_cache(hwloc_topology_t machine, hwloc_obj_t unit)
{
    static const hwloc_obj_type_t types[] = {HWLOC_OBJ_L3CACHE, HWLOC_OBJ_PACKAGE};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        hwloc_obj_t found = hwloc_get_ancestor_obj_by_type(machine, types[i], unit);

        if (found != NULL)
            return found;
    }
    return hwloc_get_root_obj(machine);
}

static unsigned speed_of(hwloc_topology_t machine, hwloc_obj_t unit)
{
    int kind = hwloc_cpukinds_get_by_cpuset(machine, unit->cpuset, 0);

    return kind < 0 ? 0 : (unsigned)kind;
}

static unsigned node_of(hwloc_obj_t unit)
{
    int node = unit->nodeset != NULL ? hwloc_bitmap_first(unit->nodeset) : -1;

    return node < 0 ? 0 : (unsigned)node;
}

/* hwloc's logical order goes through the tree, so that a domain's processors follow one another. A
 * domain ends with its node, too: some caches serve several (sub-NUMA clusters), and virtual
 * machines often show nodes but no caches. */
static void list_processors(struct topology *topology, hwloc_topology_t machine)
{
    unsigned count = at_least_one(hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_PU));
    hwloc_obj_t cache_before = NULL;
    unsigned node_before = 0;

    topology->processors = memory_allocate(count, sizeof topology->processors[0]);
    for (unsigned i = 0; i < count; i++) {
        hwloc_obj_t unit = hwloc_get_obj_by_type(machine, HWLOC_OBJ_PU, i);
        hwloc_obj_t cache = shared_cache(machine, unit);
        unsigned node = node_of(unit);

        topology->domain_count += cache != cache_before || node != node_before;
        cache_before = cache;
        node_before = node;
        topology->processors[i] = (struct processor){.number = unit->os_index,
                                                     .domain = topology->domain_count - 1,
                                                     .node = node,
                                                     .speed = speed_of(machine, unit)};
    }
    topology->processor_count = topology->usable = count;
    topology->node_count = at_least_one(hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_NUMANODE));
}

static bool load(struct topology *topology, hwloc_topology_t machine)
{
    if (hwloc_topology_load(machine) != 0 || hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_PU) < 1)
        return false;
    list_processors(topology, machine);
    return true;
}

/* hwloc drops what the cpuset forbids by itself; what taskset forbids only when asked to. */
static bool ask_hwloc(struct topology *topology)
{
    const unsigned long flags =
        HWLOC_TOPOLOGY_FLAG_IS_THISSYSTEM | HWLOC_TOPOLOGY_FLAG_RESTRICT_TO_CPUBINDING;
    hwloc_topology_t machine;

    if (hwloc_topology_init(&machine) != 0)
        return false;
    bool is_loaded = hwloc_topology_set_flags(machine, flags) == 0 && load(topology, machine);
    hwloc_topology_destroy(machine);
    return is_loaded;
}

bool topology_imagine(struct topology *topology, const char *description)
{
    hwloc_topology_t machine;

    *topology = (struct topology){.processors = NULL};
    if (hwloc_topology_init(&machine) != 0)
        return false;
    bool is_loaded =
        hwloc_topology_set_synthetic(machine, description) == 0 && load(topology, machine);
    hwloc_topology_destroy(machine);
    return is_loaded;
}

/* ---- this machine ---- */

static void assume_uniform(struct topology *topology)
{
    unsigned count = at_least_one((int)sysconf(_SC_NPROCESSORS_ONLN));

    *topology = (struct topology){
        .processors = memory_allocate(count, sizeof topology->processors[0]),
        .processor_count = count,
        .domain_count = 1,
        .node_count = 1,
        .usable = count,
    };
    for (unsigned i = 0; i < count; i++)
        topology->processors[i].number = i;
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
    *topology = (struct topology){.processors = NULL};
    if (!ask_hwloc(topology))
        assume_uniform(topology);

    unsigned quota = find_quota();
    if (quota != 0 && quota < topology->usable)
        topology->usable = quota;
}

void topology_clear(struct topology *topology)
{
    free(topology->processors);
    topology->processors = NULL;
}

unsigned topology_count_usable(void)
{
    struct topology topology;

    topology_discover(&topology);

    unsigned usable = topology.usable;

    topology_clear(&topology);
    return usable;
}
