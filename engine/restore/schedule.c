#include "engine/restore/schedule.h"

#include "engine/base/memory.h"
#include "engine/restore/node_heap.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>

enum { NO_NUMBER = UINT_MAX };

enum node_state { NODE_WAITS, NODE_IS_READY, NODE_RUNS, NODE_IS_FINISHED };

/* What this run knows about a node. */
struct progress {
    enum node_state state;
    size_t missing_dependencies;
    unsigned woken_by;   /* the lock in whose queue it stood until just now, or NO_NUMBER */
    size_t visited_mark; /* the search for a cycle that last came by */
};

enum lock_mode { LOCK_SHARED, LOCK_EXCLUSIVE, LOCK_MODE_COUNT };

/* A ready node that cannot have a lock leaves the ready heap for that lock's queue, so that a
 * thousand foreign keys on one table cost nothing while they wait. */
struct lock {
    size_t holders[LOCK_MODE_COUNT];
    struct node_heap waiting[LOCK_MODE_COUNT];
};

struct schedule {
    const struct schedule_node *nodes; /* lent */
    size_t count, finished_count, running_count;
    struct progress *progress;
    /* dependents of node n: dependents[first_dependent[n]] … dependents[first_dependent[n + 1] - 1]
     */
    unsigned *dependents;
    size_t *first_dependent;
    struct lock *locks;
    size_t lock_count;
    size_t *unfinished_in_pass;
    size_t pass_count;
    unsigned pass;
    struct node_heap ready;
    size_t broken_cycles;
    size_t last_mark;
};

static size_t largest_plus_one(const unsigned *numbers, size_t count, size_t so_far)
{
    for (size_t i = 0; i < count; i++)
        if (numbers[i] >= so_far)
            so_far = (size_t)numbers[i] + 1;
    return so_far;
}

static void count_locks_and_passes(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->count; i++) {
        const struct schedule_node *node = &schedule->nodes[i];
        schedule->lock_count = largest_plus_one(node->exclusive_locks, node->exclusive_lock_count,
                                                schedule->lock_count);
        schedule->lock_count =
            largest_plus_one(node->shared_locks, node->shared_lock_count, schedule->lock_count);
        schedule->pass_count = largest_plus_one(&node->pass, 1, schedule->pass_count);
    }
    schedule->locks = memory_allocate(schedule->lock_count + 1, sizeof(*schedule->locks));
    schedule->unfinished_in_pass =
        memory_allocate(schedule->pass_count + 1, sizeof(*schedule->unfinished_in_pass));
    for (size_t i = 0; i < schedule->count; i++)
        schedule->unfinished_in_pass[schedule->nodes[i].pass]++;
}

/* Turns the dependency lists round. A node that depends on itself is taken as one that does not. */
static void link_dependents(struct schedule *schedule)
{
    size_t *first = memory_allocate(schedule->count + 2, sizeof(*first));
    for (size_t i = 0; i < schedule->count; i++) {
        const struct schedule_node *node = &schedule->nodes[i];
        for (size_t d = 0; d < node->dependency_count; d++) {
            assert(node->dependencies[d] < schedule->count);
            if (node->dependencies[d] == i)
                continue;
            /* Two places ahead: filling the list below moves each start to where it belongs. */
            first[node->dependencies[d] + 2]++;
            schedule->progress[i].missing_dependencies++;
        }
    }
    for (size_t i = 2; i < schedule->count + 2; i++)
        first[i] += first[i - 1];
    schedule->dependents =
        memory_allocate(first[schedule->count + 1] + 1, sizeof(*schedule->dependents));
    for (size_t i = 0; i < schedule->count; i++) {
        const struct schedule_node *node = &schedule->nodes[i];
        for (size_t d = 0; d < node->dependency_count; d++)
            if (node->dependencies[d] != i)
                schedule->dependents[first[node->dependencies[d] + 1]++] = (unsigned)i;
    }
    schedule->first_dependent = first;
}

struct node_list {
    const unsigned *nodes;
    size_t count;
};

static struct node_list dependencies_of(const struct schedule *schedule, unsigned node)
{
    return (struct node_list){schedule->nodes[node].dependencies,
                              schedule->nodes[node].dependency_count};
}

static struct node_list dependents_of(const struct schedule *schedule, unsigned node)
{
    size_t first = schedule->first_dependent[node];
    return (struct node_list){schedule->dependents + first,
                              schedule->first_dependent[node + 1] - first};
}

static void make_ready(struct schedule *schedule, unsigned node)
{
    schedule->progress[node].state = NODE_IS_READY;
    node_heap_push(&schedule->ready, schedule->nodes, node);
}

static void begin_pass(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->count; i++)
        if (schedule->nodes[i].pass == schedule->pass &&
            schedule->progress[i].missing_dependencies == 0)
            make_ready(schedule, (unsigned)i);
}

struct schedule *schedule_create(const struct schedule_node *nodes, size_t count)
{
    assert(count < NO_NUMBER);
    struct schedule *schedule = memory_allocate(1, sizeof(*schedule));
    schedule->nodes = nodes;
    schedule->count = count;
    schedule->progress = memory_allocate(count + 1, sizeof(*schedule->progress));
    for (size_t i = 0; i < count; i++)
        schedule->progress[i].woken_by = NO_NUMBER;
    count_locks_and_passes(schedule);
    link_dependents(schedule);
    begin_pass(schedule);
    return schedule;
}

void schedule_free(struct schedule *schedule)
{
    if (!schedule)
        return;
    node_heap_clear(&schedule->ready);
    for (size_t i = 0; i < schedule->lock_count; i++)
        for (int mode = 0; mode < LOCK_MODE_COUNT; mode++)
            node_heap_clear(&schedule->locks[i].waiting[mode]);
    free(schedule->unfinished_in_pass);
    free(schedule->locks);
    free(schedule->first_dependent);
    free(schedule->dependents);
    free(schedule->progress);
    free(schedule);
}

static bool lock_allows(const struct lock *lock, enum lock_mode mode)
{
    if (lock->holders[LOCK_EXCLUSIVE] > 0)
        return false;
    return mode == LOCK_SHARED || lock->holders[LOCK_SHARED] == 0;
}

/* The best of each kind that the lock now allows competes again; the others stay behind it. */
static void wake_waiters(struct schedule *schedule, unsigned number)
{
    struct lock *lock = &schedule->locks[number];
    for (int mode = 0; mode < LOCK_MODE_COUNT; mode++) {
        if (lock->waiting[mode].count == 0 || !lock_allows(lock, (enum lock_mode)mode))
            continue;
        unsigned node = node_heap_pop(&lock->waiting[mode], schedule->nodes);
        schedule->progress[node].woken_by = number;
        node_heap_push(&schedule->ready, schedule->nodes, node);
    }
}

/* The first lock that the node cannot have now, or NO_NUMBER. */
static unsigned find_conflict(const struct schedule *schedule, const struct schedule_node *node,
                              enum lock_mode *mode)
{
    *mode = LOCK_EXCLUSIVE;
    for (size_t i = 0; i < node->exclusive_lock_count; i++)
        if (!lock_allows(&schedule->locks[node->exclusive_locks[i]], LOCK_EXCLUSIVE))
            return node->exclusive_locks[i];
    *mode = LOCK_SHARED;
    for (size_t i = 0; i < node->shared_lock_count; i++)
        if (!lock_allows(&schedule->locks[node->shared_locks[i]], LOCK_SHARED))
            return node->shared_locks[i];
    return NO_NUMBER;
}

static void start(struct schedule *schedule, unsigned number)
{
    const struct schedule_node *node = &schedule->nodes[number];
    for (size_t i = 0; i < node->exclusive_lock_count; i++)
        schedule->locks[node->exclusive_locks[i]].holders[LOCK_EXCLUSIVE]++;
    for (size_t i = 0; i < node->shared_lock_count; i++)
        schedule->locks[node->shared_locks[i]].holders[LOCK_SHARED]++;
    schedule->progress[number].state = NODE_RUNS;
    schedule->running_count++;
}

/* A node that a lock woke either takes that lock, or goes back to its queue, or makes room for the
 * next in it: so the best of every queue that may move is always in the ready heap. */
static bool start_best(struct schedule *schedule, unsigned *node)
{
    while (schedule->ready.count > 0) {
        unsigned best = node_heap_pop(&schedule->ready, schedule->nodes);
        unsigned woken_by = schedule->progress[best].woken_by;
        schedule->progress[best].woken_by = NO_NUMBER;

        enum lock_mode mode;
        unsigned conflict = find_conflict(schedule, &schedule->nodes[best], &mode);
        if (conflict == NO_NUMBER)
            start(schedule, best);
        else
            node_heap_push(&schedule->locks[conflict].waiting[mode], schedule->nodes, best);
        if (woken_by != NO_NUMBER && woken_by != conflict)
            wake_waiters(schedule, woken_by);
        if (conflict == NO_NUMBER) {
            *node = best;
            return true;
        }
    }
    return false;
}

static bool waits_in_this_pass(const struct schedule *schedule, unsigned node)
{
    return schedule->nodes[node].pass == schedule->pass &&
           schedule->progress[node].state == NODE_WAITS;
}

/* Marks what can be reached over waiting nodes of this pass; returns the lowest of them. */
static unsigned mark_reachable(struct schedule *schedule, unsigned from, size_t mark,
                               struct node_list (*neighbours)(const struct schedule *schedule,
                                                              unsigned node))
{
    unsigned *stack = memory_allocate(schedule->count, sizeof(*stack));
    size_t depth = 0;
    unsigned lowest = from;
    schedule->progress[from].visited_mark = mark;
    stack[depth++] = from;
    while (depth > 0) {
        struct node_list next = neighbours(schedule, stack[--depth]);
        for (size_t i = 0; i < next.count; i++) {
            unsigned node = next.nodes[i];
            if (!waits_in_this_pass(schedule, node) ||
                schedule->progress[node].visited_mark == mark)
                continue;
            schedule->progress[node].visited_mark = mark;
            stack[depth++] = node;
            if (node < lowest)
                lowest = node;
        }
    }
    free(stack);
    return lowest;
}

/* All that wait now stand on a cycle or behind one (also by waiting for a later pass, which waits
 * for this one). The cycle to break is one that waits for no other. Going from each node that was
 * not yet come by to all that depend on it, the last start is on such a cycle: had any other cycle
 * to end before it, this start would have been come by from there. And what it waits for then is
 * that cycle and nothing else. */
static unsigned find_node_to_release(struct schedule *schedule)
{
    unsigned last_start = NO_NUMBER;
    size_t mark = ++schedule->last_mark;
    for (unsigned i = 0; i < schedule->count; i++) {
        if (!waits_in_this_pass(schedule, i) || schedule->progress[i].visited_mark == mark)
            continue;
        mark_reachable(schedule, i, mark, dependents_of);
        last_start = i;
    }
    assert(last_start != NO_NUMBER);
    return mark_reachable(schedule, last_start, ++schedule->last_mark, dependencies_of);
}

bool schedule_next(struct schedule *schedule, unsigned *node)
{
    while (!start_best(schedule, node)) {
        if (schedule->running_count > 0 || schedule_is_done(schedule))
            return false;
        if (schedule->unfinished_in_pass[schedule->pass] == 0) {
            schedule->pass++;
            begin_pass(schedule);
        } else {
            make_ready(schedule, find_node_to_release(schedule));
            schedule->broken_cycles++;
        }
    }
    return true;
}

static void release_locks(struct schedule *schedule, const struct schedule_node *node)
{
    for (size_t i = 0; i < node->exclusive_lock_count; i++)
        schedule->locks[node->exclusive_locks[i]].holders[LOCK_EXCLUSIVE]--;
    for (size_t i = 0; i < node->shared_lock_count; i++)
        schedule->locks[node->shared_locks[i]].holders[LOCK_SHARED]--;
    for (size_t i = 0; i < node->exclusive_lock_count; i++)
        wake_waiters(schedule, node->exclusive_locks[i]);
    for (size_t i = 0; i < node->shared_lock_count; i++)
        wake_waiters(schedule, node->shared_locks[i]);
}

void schedule_finish(struct schedule *schedule, unsigned node)
{
    assert(schedule->progress[node].state == NODE_RUNS);
    schedule->progress[node].state = NODE_IS_FINISHED;
    schedule->running_count--;
    schedule->finished_count++;
    schedule->unfinished_in_pass[schedule->nodes[node].pass]--;
    release_locks(schedule, &schedule->nodes[node]);
    struct node_list dependents = dependents_of(schedule, node);
    for (size_t i = 0; i < dependents.count; i++) {
        unsigned dependent = dependents.nodes[i];
        struct progress *progress = &schedule->progress[dependent];
        /* A node released from a cycle does not wait any more. */
        if (--progress->missing_dependencies == 0 && progress->state == NODE_WAITS &&
            schedule->nodes[dependent].pass == schedule->pass)
            make_ready(schedule, dependent);
    }
}

bool schedule_is_done(const struct schedule *schedule)
{
    return schedule->finished_count == schedule->count;
}

size_t schedule_broken_cycles(const struct schedule *schedule)
{
    return schedule->broken_cycles;
}
