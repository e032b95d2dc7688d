#include "engine/flow/topology.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static unsigned plan(unsigned processors, unsigned sessions)
{
    struct topology topology = {.processors = processors, .numa_nodes = 1};

    return topology_plan_codec_threads(&topology, sessions);
}

static void plan_uses_every_processor_of_a_small_machine(void **state)
{
    (void)state;
    assert_int_equal(plan(1, 1), 1);
    assert_int_equal(plan(2, 8), 2);
    assert_int_equal(plan(4, 1), 4);
}

static void plan_takes_half_of_what_the_sessions_leave(void **state)
{
    (void)state;
    assert_int_equal(plan(16, 4), 6);
    assert_int_equal(plan(64, 8), 28);
}

static void plan_keeps_a_quarter_for_the_codecs(void **state)
{
    (void)state;
    assert_int_equal(plan(8, 8), 2);
    assert_int_equal(plan(16, 100), 4);
}

static void plan_always_has_a_thread_and_never_more_than_processors(void **state)
{
    (void)state;
    for (unsigned processors = 1; processors < 300; processors++)
        for (unsigned sessions = 0; sessions < 70; sessions++) {
            unsigned threads = plan(processors, sessions);
            assert_in_range(threads, 1, processors);
        }
}

static void discovery_honours_the_affinity_mask(void **state)
{
    struct topology whole, bound;
    cpu_set_t before, one;
    int processor = 0;

    (void)state;
    topology_discover(&whole);
    assert_true(whole.processors >= 1);
    assert_true(whole.numa_nodes >= 1);

    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    while (!CPU_ISSET(processor, &before))
        processor++;
    assert_true(whole.processors <= (unsigned)CPU_COUNT(&before));
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    topology_discover(&bound);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
    assert_int_equal(bound.processors, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan_uses_every_processor_of_a_small_machine),
        cmocka_unit_test(plan_takes_half_of_what_the_sessions_leave),
        cmocka_unit_test(plan_keeps_a_quarter_for_the_codecs),
        cmocka_unit_test(plan_always_has_a_thread_and_never_more_than_processors),
        cmocka_unit_test(discovery_honours_the_affinity_mask),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
