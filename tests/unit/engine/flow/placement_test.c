#include "engine/flow/placement.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct plan {
    struct topology topology;
    struct placement placement;
};

static void plan_on(struct plan *plan, const char *machine, unsigned sessions)
{
    assert_true(topology_imagine(&plan->topology, machine));
    placement_plan(&plan->placement, &plan->topology, sessions);
}

static void clear(struct plan *plan)
{
    placement_clear(&plan->placement);
    topology_clear(&plan->topology);
}

static void one_cache_is_one_lane_bound_to_nothing(void **state)
{
    static const char *const machines[] = {"core:1 pu:1", "core:2 pu:1", "numa:1 l3:1 core:4 pu:1",
                                           "numa:1 l3:1 core:32 pu:2"};
    struct plan plan;

    (void)state;
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        plan_on(&plan, machines[i], 4);
        assert_int_equal(plan.placement.lane_count, 1);
        assert_false(plan.placement.is_bound);
        assert_int_equal(plan.placement.lanes[0].sessions, 4);
        clear(&plan);
    }
}

static void a_small_machine_is_left_to_the_kernel_whatever_its_shape(void **state)
{
    struct plan plan;

    (void)state;
    plan_on(&plan, "pack:2 numa:1 l3:1 core:2 pu:1", 3);
    assert_false(plan.placement.is_bound);
    assert_int_equal(plan.placement.lane_count, 1);
    assert_int_equal(plan.placement.lanes[0].codec_threads, 4);
    clear(&plan);
}

static void a_quota_is_left_to_the_kernel_and_counts_as_processors(void **state)
{
    struct plan plan;

    (void)state;
    assert_true(topology_imagine(&plan.topology, "pack:2 numa:1 l3:1 core:32 pu:2"));
    plan.topology.usable = 2;
    placement_plan(&plan.placement, &plan.topology, 8);
    assert_false(plan.placement.is_bound);
    assert_int_equal(plan.placement.lanes[0].codec_threads, 0);
    placement_clear(&plan.placement);
    placement_plan(&plan.placement, &plan.topology, 1);
    assert_int_equal(plan.placement.lanes[0].codec_threads, 2);
    clear(&plan);
}

static void codec_threads_are_half_of_what_sessions_leave_and_at_least_a_quarter(void **state)
{
    struct plan plan;

    (void)state;
    plan_on(&plan, "numa:1 l3:1 core:16 pu:1", 4);
    assert_int_equal(plan.placement.lanes[0].codec_threads, 6);
    clear(&plan);
    plan_on(&plan, "numa:1 l3:1 core:16 pu:1", 15);
    assert_int_equal(plan.placement.lanes[0].codec_threads, 4);
    clear(&plan);
}

static void a_session_for_each_processor_leaves_no_codec_threads(void **state)
{
    struct plan plan;

    (void)state;
    plan_on(&plan, "core:2 pu:1", 2);
    assert_int_equal(plan.placement.lanes[0].codec_threads, 0);
    clear(&plan);
    plan_on(&plan, "pack:2 numa:1 l3:1 core:8 pu:1", 15);
    assert_int_equal(plan.placement.lanes[0].codec_threads, 0);
    assert_int_equal(plan.placement.lanes[1].codec_threads, 2);
    clear(&plan);
}

static void two_sockets_share_the_sessions(void **state)
{
    struct plan plan;

    (void)state;
    plan_on(&plan, "pack:2 numa:1 l3:1 core:16 pu:2", 9);
    assert_true(plan.placement.is_bound);
    assert_int_equal(plan.placement.lane_count, 2);
    assert_int_equal(plan.placement.lanes[0].sessions, 5);
    assert_int_equal(plan.placement.lanes[1].sessions, 4);
    assert_int_not_equal(plan.placement.lanes[0].node, plan.placement.lanes[1].node);
    clear(&plan);
}

/* Memory has a bandwidth in each node: two sessions should use two of them. */
static void few_sessions_are_spread_over_nodes_before_caches(void **state)
{
    struct plan plan;

    (void)state;
    plan_on(&plan, "pack:4 numa:1 l3:4 core:4 pu:2", 4);
    assert_int_equal(plan.placement.lane_count, 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(plan.placement.lanes[i].sessions, 1);
        for (unsigned j = 0; j < i; j++)
            assert_int_not_equal(plan.placement.lanes[i].node, plan.placement.lanes[j].node);
    }
    clear(&plan);
}

static void slow_cores_wait_until_the_fast_ones_are_full(void **state)
{
    struct plan plan;

    (void)state;
    assert_true(topology_imagine(&plan.topology, "numa:1 l3:2 core:4 pu:1"));
    for (unsigned i = 4; i < 8; i++)
        plan.topology.processors[i].speed = 1;
    placement_plan(&plan.placement, &plan.topology, 4);
    assert_int_equal(plan.placement.lane_count, 1);
    assert_int_equal(plan.placement.lanes[0].processors[0].number, 4);
    placement_clear(&plan.placement);

    placement_plan(&plan.placement, &plan.topology, 6);
    assert_int_equal(plan.placement.lane_count, 2);
    assert_int_equal(plan.placement.lanes[0].sessions, 2);
    assert_int_equal(plan.placement.lanes[1].sessions, 4);
    clear(&plan);
}

/* On every machine: all sessions placed, no processor in two lanes, a codec thread in each lane
 * with processors to spare, one node and one cache a lane, and the sessions dealt as planned. */
static void every_plan_is_whole(void **state)
{
    static const char *const machines[] = {
        "core:1 pu:1",
        "numa:1 l3:2 core:3 pu:1",
        "pack:2 numa:1 l3:4 core:4 pu:2",
        "pack:4 numa:2 l3:2 core:8 pu:2",
        "pack:3 numa:1 l3:1 core:7 pu:1",
        "pack:2 numa:4 l3:1 core:8 pu:1",
    };

    (void)state;
    for (size_t machine = 0; machine < sizeof machines / sizeof machines[0]; machine++)
        for (unsigned sessions = 1; sessions <= 70; sessions++) {
            unsigned placed = 0, processors = 0, dealt[64] = {0};
            struct plan plan;

            plan_on(&plan, machines[machine], sessions);
            for (unsigned i = 0; i < plan.placement.lane_count; i++) {
                const struct lane *lane = &plan.placement.lanes[i];

                placed += lane->sessions;
                processors += lane->processor_count;
                if (lane->sessions < lane->processor_count)
                    assert_in_range(lane->codec_threads, 1, lane->processor_count);
                else
                    assert_int_equal(lane->codec_threads, 0);
                for (unsigned j = 1; j < lane->processor_count && plan.placement.is_bound; j++) {
                    assert_int_equal(lane->processors[j].node, lane->node);
                    assert_int_equal(lane->processors[j].domain, lane->processors[0].domain);
                }
            }
            assert_int_equal(placed, sessions);
            assert_true(processors <= plan.topology.processor_count);
            for (unsigned i = 0; i < sessions; i++)
                dealt[placement_lane_of(&plan.placement, i)]++;
            for (unsigned i = 0; i < plan.placement.lane_count; i++)
                assert_int_equal(dealt[i], plan.placement.lanes[i].sessions);
            assert_in_range(placement_lane_of(&plan.placement, sessions + 5), 0,
                            plan.placement.lane_count - 1);
            clear(&plan);
        }
}

static void entering_a_lane_binds_the_thread_to_its_processors(void **state)
{
    cpu_set_t before, after;
    struct processor processor = {.number = 0};
    struct lane lane = {.processors = &processor, .processor_count = 1};
    struct placement placement = {.lanes = &lane, .lane_count = 1, .is_bound = true};

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    while (!CPU_ISSET(processor.number, &before))
        processor.number++;
    placement_enter(&placement, 0);
    assert_int_equal(sched_getaffinity(0, sizeof after, &after), 0);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
    assert_int_equal(CPU_COUNT(&after), 1);
    assert_true(CPU_ISSET(processor.number, &after));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_cache_is_one_lane_bound_to_nothing),
        cmocka_unit_test(a_small_machine_is_left_to_the_kernel_whatever_its_shape),
        cmocka_unit_test(a_quota_is_left_to_the_kernel_and_counts_as_processors),
        cmocka_unit_test(codec_threads_are_half_of_what_sessions_leave_and_at_least_a_quarter),
        cmocka_unit_test(a_session_for_each_processor_leaves_no_codec_threads),
        cmocka_unit_test(two_sockets_share_the_sessions),
        cmocka_unit_test(few_sessions_are_spread_over_nodes_before_caches),
        cmocka_unit_test(slow_cores_wait_until_the_fast_ones_are_full),
        cmocka_unit_test(every_plan_is_whole),
        cmocka_unit_test(entering_a_lane_binds_the_thread_to_its_processors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
