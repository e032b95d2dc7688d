#include "engine/flow/topology.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void an_imagined_machine_is_described_in_the_order_of_its_caches(void **state)
{
    struct topology topology;

    (void)state;
    assert_true(topology_imagine(&topology, "pack:2 numa:1 l3:2 core:4 pu:2"));
    assert_int_equal(topology.processor_count, 32);
    assert_int_equal(topology.usable, 32);
    assert_int_equal(topology.domain_count, 4);
    assert_int_equal(topology.node_count, 2);
    for (unsigned i = 0; i < 32; i++) {
        assert_int_equal(topology.processors[i].domain, i / 8);
        assert_int_equal(topology.processors[i].node, i / 16);
    }
    topology_clear(&topology);
}

static void what_hwloc_cannot_read_is_no_machine(void **state)
{
    struct topology topology;

    (void)state;
    assert_false(topology_imagine(&topology, "two sockets, I think"));
    topology_clear(&topology);
}

static void without_a_shared_cache_a_package_is_a_domain(void **state)
{
    struct topology topology;

    (void)state;
    assert_true(topology_imagine(&topology, "pack:2 core:4 pu:1"));
    assert_int_equal(topology.domain_count, 2);
    topology_clear(&topology);
}

/* A virtual machine that tells of no caches, and a cache that serves two nodes. */
static void no_domain_reaches_over_several_nodes(void **state)
{
    static const char *const machines[] = {"numa:2 core:4 pu:1", "pack:1 l3:1 numa:2 core:4 pu:1"};

    (void)state;
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        struct topology topology;

        assert_true(topology_imagine(&topology, machines[i]));
        assert_int_equal(topology.node_count, 2);
        assert_int_equal(topology.domain_count, 2);
        for (unsigned j = 0; j < 8; j++) {
            assert_int_equal(topology.processors[j].domain, j / 4);
            assert_int_equal(topology.processors[j].node, j / 4);
        }
        topology_clear(&topology);
    }
}

static void discovery_honours_the_affinity_mask(void **state)
{
    struct topology whole, bound;
    cpu_set_t before, one;
    int processor = 0;

    (void)state;
    topology_discover(&whole);
    assert_true(whole.processor_count >= 1);
    assert_true(whole.usable >= 1);
    assert_true(whole.node_count >= 1);

    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    while (!CPU_ISSET(processor, &before))
        processor++;
    assert_true(whole.processor_count <= (unsigned)CPU_COUNT(&before));
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    topology_discover(&bound);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
    assert_int_equal(bound.processor_count, 1);
    assert_int_equal(bound.processors[0].number, (unsigned)processor);
    topology_clear(&bound);
    topology_clear(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_imagined_machine_is_described_in_the_order_of_its_caches),
        cmocka_unit_test(what_hwloc_cannot_read_is_no_machine),
        cmocka_unit_test(without_a_shared_cache_a_package_is_a_domain),
        cmocka_unit_test(no_domain_reaches_over_several_nodes),
        cmocka_unit_test(discovery_honours_the_affinity_mask),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
