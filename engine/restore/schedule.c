#include "engine/restore/schedule.h"

#include "engine/base/memory.h"
#include "engine/restore/node_heap.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>

enum { NO_NUMBER = UINT_MAX };

/* To find each takes a look at all that waits. Honest archives have none at all; one with more than
 * so many was made to waste time, and what waits then goes on in any order. */
enum { CYCLES_BROKEN_ONE_BY_ONE = 100 };

enum node_state { NODE_WAITS, NODE_IS_READY, NODE_RUNS, NODE_IS_FINISHED };

/* What this run knows about a node. */
struct progress {
    enum node_state state;
    size_t missing_dependencies;
    unsigned woken_by; /* the lock in whose queue it stood until just now, or NO_NUMBER */
    enum lock_mode woken_mode;
    size_t visited_mark; /* the search for a cycle that last came by */
};

/* The table of "Explicit Locking" in PostgreSQL's manual, as bits. */
#define MODE(mode) (1u << (LOCK_##mode))
static const unsigned conflicts[LOCK_MODE_COUNT] = {
    [LOCK_ROW_SHARE] = MODE(ACCESS_EXCLUSIVE),
    [LOCK_ROW_EXCLUSIVE] = MODE(SHARE) | MODE(SHARE_ROW_EXCLUSIVE) | MODE(ACCESS_EXCLUSIVE),
    [LOCK_SHARE_UPDATE_EXCLUSIVE] = MODE(SHARE_UPDATE_EXCLUSIVE) | MODE(SHARE) |
                                    MODE(SHARE_ROW_EXCLUSIVE) | MODE(ACCESS_EXCLUSIVE),
    [LOCK_SHARE] = MODE(ROW_EXCLUSIVE) | MODE(SHARE_UPDATE_EXCLUSIVE) | MODE(SHARE_ROW_EXCLUSIVE) |
                   MODE(ACCESS_EXCLUSIVE),
    [LOCK_SHARE_ROW_EXCLUSIVE] = MODE(ROW_EXCLUSIVE) | MODE(SHARE_UPDATE_EXCLUSIVE) | MODE(SHARE) |
                                 MODE(SHARE_ROW_EXCLUSIVE) | MODE(ACCESS_EXCLUSIVE),
    [LOCK_ACCESS_EXCLUSIVE] = MODE(ROW_SHARE) | MODE(ROW_EXCLUSIVE) | MODE(SHARE_UPDATE_EXCLUSIVE) |
                              MODE(SHARE) | MODE(SHARE_ROW_EXCLUSIVE) | MODE(ACCESS_EXCLUSIVE),
};

bool lock_modes_conflict(enum lock_mode one, enum lock_mode other)
{
    return (conflicts[one] >> other) & 1u;
}

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
    uint64_t *priorities; /* by node */
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
    unsigned first_broken; /* the node that broke the first */
    size_t last_mark;
};

static size_t at_least(size_t count, unsigned number)
{
    return number < count ? count : (size_t)number + 1;
}

static void count_locks_and_passes(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->count; i++) {
        const struct schedule_node *node = &schedule->nodes[i];
        for (size_t l = 0; l < node->lock_count; l++)
            schedule->lock_count = at_least(schedule->lock_count, node->locks[l].number);
        schedule->pass_count = at_least(schedule->pass_count, node->pass);
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

static uint64_t sum(uint64_t one, uint64_t other)
{
    return one < SCHEDULE_AT_ONCE - 1 - other ? one + other : SCHEDULE_AT_ONCE - 1;
}

static uint64_t time_of(const struct schedule *schedule, unsigned node)
{
    uint64_t cost = schedule->nodes[node].cost;

    return cost == SCHEDULE_AT_ONCE ? 0 : cost;
}

/* From the last nodes to the first: whoever all dependents of are known tells its dependencies how
 * long the way from it is. What stands before a cycle knows only the ways around it. */
static void measure_ways(struct schedule *schedule)
{
    size_t *unknown = memory_allocate(schedule->count + 1, sizeof(*unknown));
    unsigned *known = memory_allocate(schedule->count + 1, sizeof(*known));
    uint64_t *ways = schedule->priorities; /* until its turn comes: the longest from a dependent */
    size_t known_count = 0;

    for (unsigned i = 0; i < schedule->count; i++) {
        unknown[i] = dependents_of(schedule, i).count;
        if (unknown[i] == 0)
            known[known_count++] = i;
    }
    for (size_t k = 0; k < known_count; k++) {
        struct node_list dependencies = dependencies_of(schedule, known[k]);
        uint64_t way = sum(ways[known[k]], time_of(schedule, known[k]));
        for (size_t d = 0; d < dependencies.count; d++) {
            unsigned node = dependencies.nodes[d];
            if (node == known[k])
                continue;
            if (way > ways[node])
                ways[node] = way;
            if (--unknown[node] == 0)
                known[known_count++] = node;
        }
    }
    free(known);
    free(unknown);
}

static void set_priorities(struct schedule *schedule)
{
    schedule->priorities = memory_allocate(schedule->count + 1, sizeof(*schedule->priorities));
    measure_ways(schedule);
    for (unsigned i = 0; i < schedule->count; i++)
        schedule->priorities[i] = schedule->nodes[i].cost == SCHEDULE_AT_ONCE
                                      ? SCHEDULE_AT_ONCE
                                      : sum(schedule->priorities[i], time_of(schedule, i));
}

static void make_ready(struct schedule *schedule, unsigned node)
{
    schedule->progress[node].state = NODE_IS_READY;
    node_heap_push(&schedule->ready, schedule->priorities, node);
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
    set_priorities(schedule);
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
    free(schedule->priorities);
    free(schedule->progress);
    free(schedule);
}

static bool lock_allows(const struct lock *lock, enum lock_mode mode)
{
    for (int held = 0; held < LOCK_MODE_COUNT; held++)
        if (lock->holders[held] > 0 && lock_modes_conflict(mode, (enum lock_mode)held))
            return false;
    return true;
}

/* The best of each kind that the lock now allows competes again; the others stay behind it. */
static void wake_waiters(struct schedule *schedule, unsigned number)
{
    struct lock *lock = &schedule->locks[number];
    for (int mode = 0; mode < LOCK_MODE_COUNT; mode++) {
        if (lock->waiting[mode].count == 0 || !lock_allows(lock, (enum lock_mode)mode))
            continue;
        unsigned node = node_heap_pop(&lock->waiting[mode], schedule->priorities);
        schedule->progress[node].woken_by = number;
        schedule->progress[node].woken_mode = (enum lock_mode)mode;
        node_heap_push(&schedule->ready, schedule->priorities, node);
    }
}

/* The first lock that the node cannot have now, or NULL. */
static const struct schedule_lock *find_conflict(const struct schedule *schedule,
                                                 const struct schedule_node *node)
{
    for (size_t i = 0; i < node->lock_count; i++)
        if (!lock_allows(&schedule->locks[node->locks[i].number], node->locks[i].mode))
            return &node->locks[i];
    return NULL;
}

static void start(struct schedule *schedule, unsigned number)
{
    const struct schedule_node *node = &schedule->nodes[number];
    for (size_t i = 0; i < node->lock_count; i++)
        schedule->locks[node->locks[i].number].holders[node->locks[i].mode]++;
    schedule->progress[number].state = NODE_RUNS;
    schedule->running_count++;
}

/* True: it left a queue that it did not go back to, so the next there may move. */
static bool has_made_room(const struct progress *progress, const struct schedule_lock *conflict)
{
    return progress->woken_by != NO_NUMBER &&
           (conflict == NULL || conflict->number != progress->woken_by ||
            conflict->mode != progress->woken_mode);
}

/* A node that a lock woke either takes that lock, or goes back to its queue, or makes room for the
 * next in it: so the best of every queue that may move is always in the ready heap. */
static bool start_best(struct schedule *schedule, unsigned *node)
{
    while (schedule->ready.count > 0) {
        unsigned best = node_heap_pop(&schedule->ready, schedule->priorities);
        const struct schedule_lock *conflict = find_conflict(schedule, &schedule->nodes[best]);
        struct progress *progress = &schedule->progress[best];

        if (conflict == NULL)
            start(schedule, best);
        else
            node_heap_push(&schedule->locks[conflict->number].waiting[conflict->mode],
                           schedule->priorities, best);
        unsigned left = has_made_room(progress, conflict) ? progress->woken_by : NO_NUMBER;
        progress->woken_by = NO_NUMBER;
        if (left != NO_NUMBER)
            wake_waiters(schedule, left);
        if (conflict == NULL) {
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
static unsigned
mark_reachable(struct schedule *schedule, unsigned *stack, unsigned from, size_t mark,
               struct node_list (*neighbours)(const struct schedule *schedule, unsigned node))
{
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
    return lowest;
}

/* All that wait now stand on a cycle or behind one (also by waiting for a later pass, which waits
 * for this one). The cycle to break is one that waits for no other. Going from each node that was
 * not yet come by to all that depend on it, the last start is on such a cycle: had any other cycle
 * to end before it, this start would have been come by from there. And what it waits for then is
 * that cycle and nothing else. */
static unsigned find_node_to_release(struct schedule *schedule)
{
    unsigned *stack = memory_allocate(schedule->count, sizeof(*stack));
    unsigned last_start = NO_NUMBER;
    size_t mark = ++schedule->last_mark;
    for (unsigned i = 0; i < schedule->count; i++) {
        if (!waits_in_this_pass(schedule, i) || schedule->progress[i].visited_mark == mark)
            continue;
        mark_reachable(schedule, stack, i, mark, dependents_of);
        last_start = i;
    }
    assert(last_start != NO_NUMBER);
    unsigned lowest =
        mark_reachable(schedule, stack, last_start, ++schedule->last_mark, dependencies_of);
    free(stack);
    return lowest;
}

static void release_all(struct schedule *schedule)
{
    for (unsigned i = 0; i < schedule->count; i++)
        if (waits_in_this_pass(schedule, i))
            make_ready(schedule, i);
}

static void break_cycle(struct schedule *schedule)
{
    if (schedule->broken_cycles < CYCLES_BROKEN_ONE_BY_ONE) {
        unsigned node = find_node_to_release(schedule);

        if (schedule->broken_cycles == 0)
            schedule->first_broken = node;
        make_ready(schedule, node);
    } else {
        release_all(schedule);
    }
    schedule->broken_cycles++;
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
            break_cycle(schedule);
        }
    }
    return true;
}

static void release_locks(struct schedule *schedule, const struct schedule_node *node)
{
    for (size_t i = 0; i < node->lock_count; i++)
        schedule->locks[node->locks[i].number].holders[node->locks[i].mode]--;
    for (size_t i = 0; i < node->lock_count; i++)
        wake_waiters(schedule, node->locks[i].number);
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

size_t schedule_broken_cycles(const struct schedule *schedule, unsigned *first)
{
    *first = schedule->first_broken;
    return schedule->broken_cycles;
}
