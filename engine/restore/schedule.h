/* What may run next: a pure state machine over nodes with dependencies, costs and locks. No thread,
 * no clock, no I/O; one thread calls it. Of the ready nodes that conflict with none that runs, the
 * largest goes first; ties go to the lower node number. A cycle is broken at its lowest node, when
 * nothing else can go on, and counted. */
#ifndef PGFAST_RESTORE_SCHEDULE_H
#define PGFAST_RESTORE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The arrays are lent until schedule_free, in any order, duplicates allowed. Locks and passes are
 * numbered from 0 and dense: there is a small state for each up to the largest. */
struct schedule_node {
    const unsigned *dependencies; /* node numbers */
    size_t dependency_count;
    const unsigned *exclusive_locks; /* no other running node may hold these in any way */
    size_t exclusive_lock_count;
    const unsigned *shared_locks; /* held together with other shared holders */
    size_t shared_lock_count;
    uint64_t cost; /* bytes, or anything that compares */
    unsigned pass; /* nodes of pass p start when all of passes < p have finished */
};

struct schedule;

struct schedule *schedule_create(const struct schedule_node *nodes, size_t count);
void schedule_free(struct schedule *schedule); /* accepts NULL */

/* False: nothing may start before a running node finishes. A node that is given has started. */
bool schedule_next(struct schedule *schedule, unsigned *node);
void schedule_finish(struct schedule *schedule, unsigned node);
bool schedule_is_done(const struct schedule *schedule);

/* How often a cycle had to be broken so far. */
size_t schedule_broken_cycles(const struct schedule *schedule);

#endif
