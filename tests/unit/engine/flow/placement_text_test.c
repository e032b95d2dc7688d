#include "engine/flow/placement_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_described(const char *machine, unsigned usable, unsigned sessions,
                             const char *expected)
{
    struct topology topology;
    struct placement placement;
    struct text text;

    assert_true(topology_imagine(&topology, machine));
    if (usable > 0)
        topology.usable = usable;
    placement_plan(&placement, &topology, sessions);
    text_init(&text, TEXT_MAXIMUM);
    placement_describe(&text, &topology, &placement);
    assert_string_equal(text.data, expected);
    text_clear(&text);
    placement_clear(&placement);
    topology_clear(&topology);
}

static void one_lane_says_that_it_is_bound_to_nothing(void **state)
{
    (void)state;
    assert_described("core:2 pu:1", 0, 1,
                     "machine: 2 processors in 1 cache domain on 1 NUMA node\n"
                     "one lane, bound to nothing, the kernel shares out: 1 session, 2 codec "
                     "threads\n");
}

static void a_quota_is_told(void **state)
{
    (void)state;
    assert_described("pack:2 numa:1 l3:1 core:8 pu:1", 2, 4,
                     "machine: 16 processors in 2 cache domains on 2 NUMA nodes, of which a CPU "
                     "quota leaves 2 at once\n"
                     "one lane, bound to nothing, the kernel shares out: 4 sessions, each of "
                     "which encodes what it reads\n");
}

static void lanes_name_node_processors_and_threads(void **state)
{
    (void)state;
    assert_described("pack:2 numa:1 l3:1 core:8 pu:1", 0, 3,
                     "machine: 16 processors in 2 cache domains on 2 NUMA nodes\n"
                     "lane 0: node 0, processors 0-7: 2 sessions, 3 codec threads\n"
                     "lane 1: node 1, processors 8-15: 1 session, 3 codec threads\n"
                     "coordinator and I/O thread: bound to nothing\n");
}

static void processors_are_listed_as_ranges_in_order(void **state)
{
    const struct processor processors[] = {
        {.number = 9}, {.number = 1}, {.number = 0}, {.number = 8}, {.number = 5}};
    struct lane lane = {
        .sessions = 1, .codec_threads = 1, .processors = processors, .processor_count = 5};
    struct placement placement = {.lanes = &lane, .lane_count = 1, .is_bound = true};
    struct topology topology = {
        .processor_count = 5, .domain_count = 1, .node_count = 1, .usable = 5};
    struct text text;

    (void)state;
    text_init(&text, TEXT_MAXIMUM);
    placement_describe(&text, &topology, &placement);
    assert_string_equal(text.data, "machine: 5 processors in 1 cache domain on 1 NUMA node\n"
                                   "lane 0: node 0, processors 0-1,5,8-9: 1 session, 1 codec "
                                   "thread\n"
                                   "coordinator and I/O thread: bound to nothing\n");
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_lane_says_that_it_is_bound_to_nothing),
        cmocka_unit_test(a_quota_is_told),
        cmocka_unit_test(lanes_name_node_processors_and_threads),
        cmocka_unit_test(processors_are_listed_as_ranges_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
