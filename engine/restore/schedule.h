/* What may run next: a pure state machine over nodes with dependencies, costs and locks. No thread,
 * no clock, no I/O; one thread calls it. Of the ready nodes that conflict with none that runs, the
 * one with the longest way to go is first: its own cost and that of the most expensive chain of
 * nodes that wait for it. Ties go to the lower node number. A cycle is broken at its lowest node,
 * when nothing else can go on, and counted; past a hundred, all that wait are let go at once. */
#ifndef PGFAST_RESTORE_SCHEDULE_H
#define PGFAST_RESTORE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* PostgreSQL's own, with its conflicts: who would wait for another in the server does not start. */
enum lock_mode {
    LOCK_ROW_SHARE,
    LOCK_ROW_EXCLUSIVE,
    LOCK_SHARE_UPDATE_EXCLUSIVE,
    LOCK_SHARE,
    LOCK_SHARE_ROW_EXCLUSIVE,
    LOCK_ACCESS_EXCLUSIVE,
    LOCK_MODE_COUNT
};

struct schedule_lock {
    unsigned number;
    enum lock_mode mode;
};

#define SCHEDULE_AT_ONCE UINT64_MAX /* a cost: takes no time and goes before all others */

/* The arrays are lent until schedule_free, in any order, duplicates allowed. Locks and passes are
 * numbered from 0 and dense: there is a small state for each up to the largest. */
struct schedule_node {
    const unsigned *dependencies; /* node numbers */
    size_t dependency_count;
    const struct schedule_lock *locks;
    size_t lock_count;
    uint64_t cost; /* microseconds, or anything that adds up */
    unsigned pass; /* nodes of pass p start when all of passes < p have finished */
};

struct schedule;

struct schedule *schedule_create(const struct schedule_node *nodes, size_t count);
void schedule_free(struct schedule *schedule); /* accepts NULL */

/* False: nothing may start before a running node finishes. A node that is given has started. */
bool schedule_next(struct schedule *schedule, unsigned *node);
void schedule_finish(struct schedule *schedule, unsigned node);
bool schedule_is_done(const struct schedule *schedule);

bool lock_modes_conflict(enum lock_mode one, enum lock_mode other);

/* How often a cycle had to be broken so far; *first: the node where the first was. */
size_t schedule_broken_cycles(const struct schedule *schedule, unsigned *first);

#endif
