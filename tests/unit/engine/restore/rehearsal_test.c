#include "engine/restore/rehearsal.h"

#include "engine/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS = 30, RANDOM_PLANS = 500 };

static const struct maintenance nothing_granted = {.expansion = 1};

static unsigned random_below(uint64_t *seed, unsigned limit)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (unsigned)((*seed >> 11) % limit);
}

static struct toc_entry entry = {.desc = "INDEX", .type = ENTRY_INDEX, .schema = "public"};

static void fill(struct plan_step *step, struct schedule_node *node, uint64_t cost_us)
{
    *step =
        (struct plan_step){.action = PLAN_DEFINE, .entry = &entry, .parts = 1, .cost_us = cost_us};
    *node = (struct schedule_node){.cost = cost_us};
}

/* A load of 5 s, then two indexes of 3 s and 2 s; and something of 4 s that nobody waits for. */
static void work_is_shared_out_and_the_longest_chain_found(void **state)
{
    (void)state;
    const unsigned on_load[] = {0};
    struct schedule_node nodes[4];
    struct plan_step steps[4];
    const struct plan plan = {.steps = steps, .nodes = nodes, .step_count = 4};
    struct arena *arena = arena_create();
    struct rehearsal rehearsal;

    fill(&steps[0], &nodes[0], 5000000);
    fill(&steps[1], &nodes[1], 3000000);
    fill(&steps[2], &nodes[2], 2000000);
    fill(&steps[3], &nodes[3], 4000000);
    for (int i = 1; i <= 2; i++) {
        nodes[i].dependencies = on_load;
        nodes[i].dependency_count = 1;
    }
    rehearse(&rehearsal, arena, &plan, &nothing_granted, 2);

    assert_int_equal(rehearsal.count, 4);
    assert_ptr_equal(rehearsal.steps[0].step, &steps[0]);
    assert_ptr_equal(rehearsal.steps[1].step, &steps[3]);
    assert_int_equal(rehearsal.steps[1].session, 2);
    assert_int_equal(rehearsal.steps[2].begin_us, 5000000);
    assert_int_equal(rehearsal.duration_us, 8000000);
    assert_int_equal(rehearsal.chain_us, 8000000);
    assert_int_equal(rehearsal.chain_count, 2);
    assert_ptr_equal(rehearsal.chain[0], &steps[0]);
    assert_ptr_equal(rehearsal.chain[1], &steps[1]);

    struct text text;
    text_init(&text, TEXT_MAXIMUM);
    rehearsal_print(&text, &rehearsal, &plan, 2);
    assert_non_null(strstr(text.data, "4 steps on 2 sessions (-j), in roughly 8.000 s"));
    assert_non_null(strstr(text.data, "the longest chain takes 8.000 s"));
    text_clear(&text);
    arena_free(arena);
}

static void no_plan_is_faster_than_its_chain_or_slower_than_one_session(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;

    for (int round = 0; round < RANDOM_PLANS; round++) {
        struct schedule_node nodes[STEPS];
        struct plan_step steps[STEPS];
        unsigned dependencies[STEPS];
        const struct plan plan = {.steps = steps, .nodes = nodes, .step_count = STEPS};
        struct arena *arena = arena_create();
        struct rehearsal rehearsal;
        uint64_t sum = 0;

        for (unsigned i = 0; i < STEPS; i++) {
            fill(&steps[i], &nodes[i], random_below(&seed, 1000));
            sum += steps[i].cost_us;
            dependencies[i] = i > 0 ? random_below(&seed, i) : 0;
            nodes[i].dependencies = &dependencies[i];
            nodes[i].dependency_count = random_below(&seed, 2);
        }
        rehearse(&rehearsal, arena, &plan, &nothing_granted, 1 + random_below(&seed, 6));
        assert_int_equal(rehearsal.count, STEPS);
        assert_true(rehearsal.duration_us >= rehearsal.chain_us);
        assert_true(rehearsal.duration_us <= sum);
        arena_free(arena);
    }
}

static void nothing_to_do_takes_no_time(void **state)
{
    (void)state;
    const struct plan plan = {.step_count = 0};
    struct arena *arena = arena_create();
    struct rehearsal rehearsal;

    rehearse(&rehearsal, arena, &plan, &nothing_granted, 3);
    assert_int_equal(rehearsal.duration_us, 0);
    assert_int_equal(rehearsal.chain_count, 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_is_shared_out_and_the_longest_chain_found),
        cmocka_unit_test(no_plan_is_faster_than_its_chain_or_slower_than_one_session),
        cmocka_unit_test(nothing_to_do_takes_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
