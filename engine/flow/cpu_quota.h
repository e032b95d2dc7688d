/* How many processors the cgroup's CPU bandwidth limit leaves to this process. A container with
 * "--cpus=2" on a machine of 64 still sees 64 processors; only the quota tells. */
#ifndef PGFAST_FLOW_CPU_QUOTA_H
#define PGFAST_FLOW_CPU_QUOTA_H

#include <stdbool.h>

/* "200000 100000" → 2, "max 100000" → false: no limit. Parts of a processor count as a whole one.
 */
bool cpu_quota_parse_v2(const char *cpu_max, unsigned *processors);

/* The two files of version 1: cpu.cfs_quota_us ("-1": no limit) and cpu.cfs_period_us. */
bool cpu_quota_parse_v1(const char *quota_us, const char *period_us, unsigned *processors);

/* The tightest limit on the way from our own cgroup up to the root; 0: none. membership is the text
 * of /proc/self/cgroup, root is where the hierarchies are mounted (/sys/fs/cgroup). */
unsigned cpu_quota_find(const char *membership, const char *root);

#endif
