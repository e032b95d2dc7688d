#include "engine/restore/schedule.h"

#include "engine/base/clock.h"
#include "engine/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NODE_LIMIT = 40, LOCK_LIMIT = 6, LIST_LIMIT = 5, RANDOM_GRAPHS = 3000 };

/* A graph with its own, slow and obvious, idea of what may run. */
struct model {
    struct schedule_node nodes[NODE_LIMIT];
    unsigned dependencies[NODE_LIMIT][LIST_LIMIT];
    struct schedule_lock locks[NODE_LIMIT][LIST_LIMIT];
    uint64_t ways[NODE_LIMIT]; /* cost of the most expensive chain that begins with the node */
    unsigned count, finished_count;
    enum { WAITING, RUNNING, FINISHED } states[NODE_LIMIT];
    bool reaches[NODE_LIMIT][NODE_LIMIT]; /* over dependencies, in one or more steps */
};

static unsigned random_below(uint64_t *seed, unsigned limit)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (unsigned)((*seed >> 11) % limit);
}

static size_t fill_randomly(uint64_t *seed, unsigned *list, unsigned limit)
{
    size_t count = limit ? random_below(seed, LIST_LIMIT + 1) : 0;
    for (size_t i = 0; i < count; i++)
        list[i] = random_below(seed, limit);
    return count;
}

static size_t lock_randomly(uint64_t *seed, struct schedule_lock *locks)
{
    size_t count = random_below(seed, LIST_LIMIT + 1);
    for (size_t i = 0; i < count; i++)
        locks[i] = (struct schedule_lock){
            .number = random_below(seed, LOCK_LIMIT),
            .mode = (enum lock_mode)random_below(seed, LOCK_MODE_COUNT),
        };
    return count;
}

enum graph_kind { ACYCLIC, ANY_GRAPH };

static void make_random_model(struct model *model, uint64_t *seed, enum graph_kind kind)
{
    memset(model, 0, sizeof(*model));
    model->count = 1 + random_below(seed, NODE_LIMIT);
    unsigned passes = 1 + random_below(seed, 3);
    unsigned lock_odds = random_below(seed, 4);
    for (unsigned i = 0; i < model->count; i++) {
        struct schedule_node *node = &model->nodes[i];
        node->dependencies = model->dependencies[i];
        node->locks = model->locks[i];
        node->cost = random_below(seed, 10) == 0 ? SCHEDULE_AT_ONCE : random_below(seed, 8);
        /* Passes rise with the numbers, as dependencies fall: only so is the graph free of cycles.
         */
        node->pass = kind == ACYCLIC ? i * passes / model->count : random_below(seed, passes);
        node->dependency_count =
            fill_randomly(seed, model->dependencies[i], kind == ACYCLIC ? i : model->count / 2 + 1);
        if (random_below(seed, 4) < lock_odds)
            node->lock_count = lock_randomly(seed, model->locks[i]);
    }
}

static uint64_t time_of(const struct schedule_node *node)
{
    return node->cost == SCHEDULE_AT_ONCE ? 0 : node->cost;
}

/* Of a graph without cycles, whose dependencies have lower numbers. */
static void measure_ways(struct model *model)
{
    for (unsigned i = model->count; i-- > 0;) {
        uint64_t longest = 0;
        for (unsigned later = i + 1; later < model->count; later++)
            for (size_t d = 0; d < model->nodes[later].dependency_count; d++)
                if (model->dependencies[later][d] == i && model->ways[later] > longest)
                    longest = model->ways[later];
        model->ways[i] = longest + time_of(&model->nodes[i]);
    }
}

static uint64_t priority_of(const struct model *model, unsigned node)
{
    return model->nodes[node].cost == SCHEDULE_AT_ONCE ? SCHEDULE_AT_ONCE : model->ways[node];
}

static void find_what_reaches_what(struct model *model)
{
    for (unsigned i = 0; i < model->count; i++)
        for (size_t d = 0; d < model->nodes[i].dependency_count; d++)
            model->reaches[i][model->dependencies[i][d]] = true;
    for (unsigned k = 0; k < model->count; k++)
        for (unsigned i = 0; i < model->count; i++)
            for (unsigned j = 0; j < model->count; j++)
                model->reaches[i][j] |= model->reaches[i][k] && model->reaches[k][j];
}

static bool excludes(const struct schedule_node *holder, const struct schedule_node *other)
{
    for (size_t i = 0; i < holder->lock_count; i++)
        for (size_t j = 0; j < other->lock_count; j++)
            if (holder->locks[i].number == other->locks[j].number &&
                lock_modes_conflict(holder->locks[i].mode, other->locks[j].mode))
                return true;
    return false;
}

static bool conflicts_with_a_running_node(const struct model *model, unsigned node)
{
    for (unsigned i = 0; i < model->count; i++)
        if (i != node && model->states[i] == RUNNING &&
            excludes(&model->nodes[i], &model->nodes[node]))
            return true;
    return false;
}

static bool is_earlier_pass_done(const struct model *model, unsigned node)
{
    for (unsigned i = 0; i < model->count; i++)
        if (model->nodes[i].pass < model->nodes[node].pass && model->states[i] != FINISHED)
            return false;
    return true;
}

static bool are_dependencies_done(const struct model *model, unsigned node)
{
    for (size_t d = 0; d < model->nodes[node].dependency_count; d++)
        if (model->states[model->dependencies[node][d]] != FINISHED)
            return false;
    return true;
}

/* The node that must be next, or count where none may start. */
static unsigned best_node(const struct model *model)
{
    unsigned best = model->count;
    for (unsigned i = 0; i < model->count; i++) {
        if (model->states[i] != WAITING || !is_earlier_pass_done(model, i) ||
            !are_dependencies_done(model, i) || conflicts_with_a_running_node(model, i))
            continue;
        if (best == model->count || priority_of(model, i) > priority_of(model, best))
            best = i;
    }
    return best;
}

static size_t count_broken_cycles(const struct schedule *schedule)
{
    unsigned first;
    return schedule_broken_cycles(schedule, &first);
}

/* Only a member of the node's own cycle may still be missing when it starts. */
static void assert_only_cycles_are_cut(const struct model *model, unsigned node)
{
    for (size_t d = 0; d < model->nodes[node].dependency_count; d++) {
        unsigned dependency = model->dependencies[node][d];
        bool is_on_cycle = model->reaches[dependency][node];
        bool is_of_later_pass = model->nodes[dependency].pass > model->nodes[node].pass;
        if (!is_on_cycle && !is_of_later_pass)
            assert_int_equal(model->states[dependency], FINISHED);
    }
}

static void finish_random_node(struct model *model, struct schedule *schedule, uint64_t *seed)
{
    unsigned node = random_below(seed, model->count);
    while (model->states[node] != RUNNING)
        node = (node + 1) % model->count;
    model->states[node] = FINISHED;
    model->finished_count++;
    schedule_finish(schedule, node);
}

static void run_model(struct model *model, uint64_t *seed, enum graph_kind kind)
{
    struct schedule *schedule = schedule_create(model->nodes, model->count);
    unsigned workers = 1 + random_below(seed, 6);
    unsigned running = 0;
    while (!schedule_is_done(schedule)) {
        unsigned node;
        while (running < workers) {
            unsigned expected = best_node(model);
            if (!schedule_next(schedule, &node)) {
                assert_int_equal(expected, model->count);
                assert_true(running > 0);
                break;
            }
            if (kind == ACYCLIC)
                assert_int_equal(node, expected);
            assert_int_equal(model->states[node], WAITING);
            assert_false(conflicts_with_a_running_node(model, node));
            assert_true(is_earlier_pass_done(model, node));
            assert_only_cycles_are_cut(model, node);
            model->states[node] = RUNNING;
            running++;
            if (random_below(seed, 3) == 0)
                break;
        }
        finish_random_node(model, schedule, seed);
        running--;
    }
    assert_int_equal(model->finished_count, model->count);
    if (kind == ACYCLIC)
        assert_int_equal(count_broken_cycles(schedule), 0);
    schedule_free(schedule);
}

static void random_graphs_without_cycles_run_best_node_first(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    static struct model model;
    for (int i = 0; i < RANDOM_GRAPHS; i++) {
        make_random_model(&model, &seed, ACYCLIC);
        measure_ways(&model);
        run_model(&model, &seed, ACYCLIC);
    }
}

static void random_graphs_with_cycles_end_and_cut_nothing_else(void **state)
{
    (void)state;
    uint64_t seed = 2463534242u;
    static struct model model;
    for (int i = 0; i < RANDOM_GRAPHS; i++) {
        make_random_model(&model, &seed, ANY_GRAPH);
        find_what_reaches_what(&model);
        run_model(&model, &seed, ANY_GRAPH);
    }
}

static void many_cycles_do_not_take_the_square_of_their_number(void **state)
{
    (void)state;
    enum { NODES = 200000 };
    unsigned *others = memory_allocate(NODES, sizeof(*others));
    struct schedule_node *nodes = memory_allocate(NODES, sizeof(*nodes));
    for (unsigned i = 0; i < NODES; i++) {
        others[i] = i ^ 1;
        nodes[i] = (struct schedule_node){.dependencies = &others[i], .dependency_count = 1};
    }
    struct schedule *schedule = schedule_create(nodes, NODES);
    size_t count = 0;
    unsigned node;
    for (; schedule_next(schedule, &node); count++)
        schedule_finish(schedule, node);
    assert_true(schedule_is_done(schedule));
    assert_int_equal(count, NODES);
    assert_int_equal(count_broken_cycles(schedule), 101);
    schedule_free(schedule);
    free(nodes);
    free(others);
}

static void an_empty_schedule_is_done(void **state)
{
    (void)state;
    struct schedule *schedule = schedule_create(NULL, 0);
    unsigned node;
    assert_true(schedule_is_done(schedule));
    assert_false(schedule_next(schedule, &node));
    schedule_free(schedule);
    schedule_free(NULL);
}

static void a_cycle_is_broken_at_its_lowest_node_and_not_before_it_must(void **state)
{
    (void)state;
    /* 0 waits for the cycle 1 → 3 → 2 → 1, which waits for nothing; 4 is free. */
    const unsigned on_1[] = {1}, on_2[] = {2}, on_3[] = {3};
    const struct schedule_node nodes[] = {
        {.dependencies = on_2, .dependency_count = 1, .cost = 9},
        {.dependencies = on_3, .dependency_count = 1},
        {.dependencies = on_1, .dependency_count = 1},
        {.dependencies = on_2, .dependency_count = 1},
        {.cost = 1},
    };
    const unsigned expected[] = {4, 1, 2, 0, 3};
    struct schedule *schedule = schedule_create(nodes, 5);
    for (size_t i = 0; i < 5; i++) {
        unsigned node;
        assert_int_equal(count_broken_cycles(schedule), i >= 2);
        assert_true(schedule_next(schedule, &node));
        assert_int_equal(node, expected[i]);
        schedule_finish(schedule, node);
    }
    assert_true(schedule_is_done(schedule));
    assert_int_equal(count_broken_cycles(schedule), 1);
    schedule_free(schedule);
}

static void a_dependency_on_itself_is_none(void **state)
{
    (void)state;
    const unsigned self[] = {0, 0};
    const struct schedule_node node = {.dependencies = self, .dependency_count = 2};
    struct schedule *schedule = schedule_create(&node, 1);
    unsigned number;
    assert_true(schedule_next(schedule, &number));
    schedule_finish(schedule, number);
    assert_true(schedule_is_done(schedule));
    assert_int_equal(count_broken_cycles(schedule), 0);
    schedule_free(schedule);
}

static void indexes_run_together_while_a_constraint_waits(void **state)
{
    (void)state;
    const struct schedule_lock share[] = {{0, LOCK_SHARE}}, whole[] = {{0, LOCK_ACCESS_EXCLUSIVE}};
    const struct schedule_node nodes[] = {
        {.locks = share, .lock_count = 1, .cost = 5},
        {.locks = whole, .lock_count = 1, .cost = 4},
        {.locks = share, .lock_count = 1, .cost = 3},
    };
    struct schedule *schedule = schedule_create(nodes, 3);
    unsigned node;
    assert_true(schedule_next(schedule, &node));
    assert_int_equal(node, 0);
    assert_true(schedule_next(schedule, &node));
    assert_int_equal(node, 2);
    assert_false(schedule_next(schedule, &node));
    schedule_finish(schedule, 0);
    assert_false(schedule_next(schedule, &node));
    schedule_finish(schedule, 2);
    assert_true(schedule_next(schedule, &node));
    assert_int_equal(node, 1);
    schedule_finish(schedule, 1);
    schedule_free(schedule);
}

static void lock_modes_conflict_as_in_the_server(void **state)
{
    (void)state;
    /* A row and a column for each mode, from the weakest. */
    static const char *const expected[LOCK_MODE_COUNT] = {
        ".....x", "...xxx", "..xxxx", ".xx.xx", ".xxxxx", "xxxxxx",
    };
    for (int one = 0; one < LOCK_MODE_COUNT; one++)
        for (int other = 0; other < LOCK_MODE_COUNT; other++)
            assert_int_equal(lock_modes_conflict((enum lock_mode)one, (enum lock_mode)other),
                             expected[one][other] == 'x');
}

static void what_much_waits_for_goes_before_what_is_larger(void **state)
{
    (void)state;
    const unsigned on_1[] = {1};
    const struct schedule_node nodes[] = {
        {.cost = 10},
        {.cost = 6},
        {.dependencies = on_1, .dependency_count = 1, .cost = 5},
    };
    struct schedule *schedule = schedule_create(nodes, 3);
    unsigned node;
    assert_true(schedule_next(schedule, &node));
    assert_int_equal(node, 1);
    assert_true(schedule_next(schedule, &node));
    assert_int_equal(node, 0);
    schedule_free(schedule);
}

/* The worst that restores bring: everything depends on much, and waits for one lock besides. */
static void ten_thousand_nodes_on_one_lock_take_no_time(void **state)
{
    (void)state;
    enum { COUNT = 10000, FAN_IN = 100 };
    struct schedule_node *nodes = memory_allocate(COUNT, sizeof(*nodes));
    unsigned *roots = memory_allocate(FAN_IN, sizeof(*roots));
    const struct schedule_lock lock[] = {{0, LOCK_ACCESS_EXCLUSIVE}};
    for (unsigned i = 0; i < FAN_IN; i++)
        roots[i] = i;
    for (unsigned i = 0; i < COUNT; i++) {
        nodes[i].cost = i * 7919 % COUNT;
        nodes[i].locks = lock;
        nodes[i].lock_count = 1;
        nodes[i].dependencies = roots;
        nodes[i].dependency_count = i < FAN_IN ? 0 : FAN_IN;
    }
    uint64_t begin_us = clock_now_us();
    struct schedule *schedule = schedule_create(nodes, COUNT);
    unsigned node, other;
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(schedule_next(schedule, &node));
        assert_false(schedule_next(schedule, &other));
        schedule_finish(schedule, node);
    }
    assert_true(schedule_is_done(schedule));
    schedule_free(schedule);
    /* It takes milliseconds; the bound leaves room for sanitizers on a loaded machine. */
    assert_true(clock_now_us() - begin_us < UINT64_C(2000000));
    free(roots);
    free(nodes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_schedule_is_done),
        cmocka_unit_test(random_graphs_without_cycles_run_best_node_first),
        cmocka_unit_test(random_graphs_with_cycles_end_and_cut_nothing_else),
        cmocka_unit_test(a_cycle_is_broken_at_its_lowest_node_and_not_before_it_must),
        cmocka_unit_test(many_cycles_do_not_take_the_square_of_their_number),
        cmocka_unit_test(a_dependency_on_itself_is_none),
        cmocka_unit_test(indexes_run_together_while_a_constraint_waits),
        cmocka_unit_test(lock_modes_conflict_as_in_the_server),
        cmocka_unit_test(what_much_waits_for_goes_before_what_is_larger),
        cmocka_unit_test(ten_thousand_nodes_on_one_lock_take_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
