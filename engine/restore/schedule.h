/* What may run next: a pure state machine over nodes with dependencies, costs and locks. No thread, no clock, no I/O. The largest ready node that
 * conflicts with none that runs goes first; ties go to the lower node number. Cycles are broken deterministically, and reported. */
#ifndef PGFAST_RESTORE_SCHEDULE_H
#define PGFAST_RESTORE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schedule_node {
    const unsigned *dependencies; /* node numbers, any order, duplicates allowed; lent until schedule_free */
    size_t dependency_count;
    const unsigned *exclusive_locks; /* lock numbers that no other running node may hold in any way */
    size_t exclusive_lock_count;
    const unsigned *shared_locks;    /* lock numbers held together with other shared holders */
    size_t shared_lock_count;
    uint64_t cost;  /* bytes, or anything that compares */
    unsigned pass;  /* nodes of pass p start when all of passes < p have finished */
};

struct schedule;

struct schedule *schedule_create(const struct schedule_node *nodes, size_t count);
void schedule_free(struct schedule *schedule); /* accepts NULL */
bool schedule_next(struct schedule *schedule, unsigned *node); /* false: nothing may start now; it has started when given */
void schedule_finish(struct schedule *schedule, unsigned node);
bool schedule_is_done(const struct schedule *schedule);
size_t schedule_broken_cycles(const struct schedule *schedule); /* how often a cycle had to be broken so far */

#endif
