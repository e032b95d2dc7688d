#include "engine/flow/cpu_quota.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PATH_BYTES 256

static char root[PATH_BYTES];
static char made[16][PATH_BYTES]; /* in the order of making, so that removing goes backwards */
static unsigned made_count;

static int make_root(void **state)
{
    (void)state;
    made_count = 0;
    snprintf(root, sizeof root, "/tmp/pgfast-quota-XXXXXX");
    return mkdtemp(root) == NULL ? -1 : 0;
}

static int remove_root(void **state)
{
    (void)state;
    while (made_count > 0)
        remove(made[--made_count]);
    return rmdir(root);
}

static const char *remember(const char *name)
{
    assert_true(made_count < sizeof made / sizeof made[0]);
    snprintf(made[made_count], PATH_BYTES, "%.100s/%.100s", root, name);
    return made[made_count++];
}

static void make_folder(const char *name)
{
    assert_int_equal(mkdir(remember(name), 0700), 0);
}

static void make_file(const char *name, const char *content)
{
    FILE *file = fopen(remember(name), "w");

    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static void quota_v2_counts_parts_as_whole_processors(void **state)
{
    unsigned processors = 0;

    (void)state;
    assert_true(cpu_quota_parse_v2("200000 100000\n", &processors));
    assert_int_equal(processors, 2);
    assert_true(cpu_quota_parse_v2("150000 100000\n", &processors));
    assert_int_equal(processors, 2);
    assert_true(cpu_quota_parse_v2("1000 100000\n", &processors));
    assert_int_equal(processors, 1);
}

static void quota_v2_without_a_limit_is_none(void **state)
{
    unsigned processors;

    (void)state;
    assert_false(cpu_quota_parse_v2("max 100000\n", &processors));
    assert_false(cpu_quota_parse_v2("", &processors));
    assert_false(cpu_quota_parse_v2("100000", &processors));
    assert_false(cpu_quota_parse_v2("100000 0", &processors));
    assert_false(cpu_quota_parse_v2("-1 100000", &processors));
}

static void quota_v1_reads_both_files(void **state)
{
    unsigned processors = 0;

    (void)state;
    assert_true(cpu_quota_parse_v1("400000\n", "100000\n", &processors));
    assert_int_equal(processors, 4);
    assert_false(cpu_quota_parse_v1("-1\n", "100000\n", &processors));
    assert_false(cpu_quota_parse_v1("", "", &processors));
}

static void quota_is_the_tightest_on_the_way_up(void **state)
{
    (void)state;
    make_folder("outer");
    make_folder("outer/inner");
    make_file("outer/cpu.max", "300000 100000\n");
    make_file("outer/inner/cpu.max", "800000 100000\n");
    assert_int_equal(cpu_quota_find("0::/outer/inner\n", root), 3);
    assert_int_equal(cpu_quota_find("0::/outer\n", root), 3);
    assert_int_equal(cpu_quota_find("0::/\n", root), 0);
}

static void quota_at_the_root_counts_where_the_path_is_of_the_host(void **state)
{
    (void)state;
    make_folder("cpu,cpuacct");
    make_file("cpu,cpuacct/cpu.cfs_quota_us", "250000\n");
    make_file("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
    assert_int_equal(cpu_quota_find("12:memory:/docker/0123\n4:cpu,cpuacct:/docker/0123\n", root),
                     3);
}

static void quota_asks_only_the_cpu_controller(void **state)
{
    (void)state;
    make_folder("cpuset");
    make_file("cpuset/cpu.cfs_quota_us", "100000\n");
    make_file("cpuset/cpu.cfs_period_us", "100000\n");
    assert_int_equal(cpu_quota_find("3:cpuset:/\n2:cpuacct:/\n", root), 0);
}

static void quota_survives_strange_memberships(void **state)
{
    static const char *const cases[] = {
        "", "\n\n", "0", "0:", "0::", "::", "nonsense", "0::/../../.."};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(cpu_quota_find(cases[i], root), 0);
}

#define WITH_ROOT(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quota_v2_counts_parts_as_whole_processors),
        cmocka_unit_test(quota_v2_without_a_limit_is_none),
        cmocka_unit_test(quota_v1_reads_both_files),
        WITH_ROOT(quota_is_the_tightest_on_the_way_up),
        WITH_ROOT(quota_at_the_root_counts_where_the_path_is_of_the_host),
        WITH_ROOT(quota_asks_only_the_cpu_controller),
        WITH_ROOT(quota_survives_strange_memberships),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
