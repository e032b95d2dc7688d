#include "engine/restore/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static unsigned expansion(int compression, uint64_t raw_bytes, uint64_t stored_bytes)
{
    struct toc toc = {.header.compression = compression};
    struct manifest_file files[] = {{.raw_bytes = raw_bytes, .size_bytes = stored_bytes},
                                    {.raw_bytes = raw_bytes, .size_bytes = stored_bytes}};
    struct manifest manifest = {.files = files, .count = 2};
    struct archive archive = {.toc = &toc, .manifest = &manifest};

    return measure_expansion(&archive);
}

static void what_is_not_compressed_is_as_large_as_it_is(void **state)
{
    (void)state;
    assert_int_equal(expansion(0, 900, 100), 1);
}

static void a_manifest_tells_the_expansion_rounded(void **state)
{
    (void)state;
    assert_int_equal(expansion(1, 900, 100), 9);
    assert_int_equal(expansion(1, 149, 100), 1);
    assert_int_equal(expansion(1, 150, 100), 2);
}

static void nothing_expands_by_less_than_one(void **state)
{
    (void)state;
    assert_int_equal(expansion(1, 90, 100), 1);
    assert_int_equal(expansion(1, 0, 0), 1);
}

static void without_a_manifest_the_likely_is_taken(void **state)
{
    struct toc toc = {.header.compression = 1};
    struct archive archive = {.toc = &toc};

    (void)state;
    assert_true(measure_expansion(&archive) > 1);
}

static void steps_that_are_done_and_files_of_no_known_size_count_nothing(void **state)
{
    struct toc toc = {.header.compression = 1};
    struct archive archive = {.toc = &toc};
    struct toc_entry entry = {.has_data = true};
    struct plan_step steps[] = {{.action = PLAN_LOAD_TABLE, .entry = &entry},
                                {.action = PLAN_LOAD_TABLE, .entry = &entry, .is_done = true}};
    struct plan plan = {.steps = steps, .step_count = 2};

    (void)state;
    assert_int_equal(measure_raw_bytes(&plan, &archive), 0);
}

static void the_files_of_large_objects_count_all_or_none(void **state)
{
    struct toc toc = {.header.compression = 1};
    struct manifest_file files[] = {{.name = "1.dat.zst", .raw_bytes = 5000},
                                    {.name = "blob_1.dat.zst", .raw_bytes = 30},
                                    {.name = "blob_2.dat.zst", .raw_bytes = 4},
                                    {.name = "blobs.toc", .raw_bytes = 700}};
    struct manifest manifest = {.files = files, .count = 4};
    struct archive archive = {.toc = &toc, .manifest = &manifest};
    struct plan_step steps[] = {{.action = PLAN_LOAD_BLOBS}, {.action = PLAN_LOAD_BLOBS}};
    struct plan plan = {.steps = steps, .step_count = 2};

    (void)state;
    assert_int_equal(measure_raw_bytes(&plan, &archive), 34);
    steps[0].is_done = steps[1].is_done = true;
    assert_int_equal(measure_raw_bytes(&plan, &archive), 0);
}

static void a_file_counts_once_however_many_steps_share_it(void **state)
{
    struct toc toc = {.header.compression = 1};
    struct manifest_file files[] = {{.name = "1.dat.zst", .raw_bytes = 5001}};
    struct manifest manifest = {.files = files, .count = 1};
    struct archive archive = {.toc = &toc, .manifest = &manifest};
    struct toc_entry entry = {.has_data = true, .file_name = "1.dat.zst"};
    struct plan_step steps[4];
    struct plan plan = {.steps = steps, .step_count = 4};

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        steps[i] =
            (struct plan_step){.action = PLAN_LOAD_TABLE, .entry = &entry, .part = i, .parts = 4};
    assert_int_equal(measure_raw_bytes(&plan, &archive), 5001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_compressed_is_as_large_as_it_is),
        cmocka_unit_test(a_manifest_tells_the_expansion_rounded),
        cmocka_unit_test(nothing_expands_by_less_than_one),
        cmocka_unit_test(without_a_manifest_the_likely_is_taken),
        cmocka_unit_test(steps_that_are_done_and_files_of_no_known_size_count_nothing),
        cmocka_unit_test(the_files_of_large_objects_count_all_or_none),
        cmocka_unit_test(a_file_counts_once_however_many_steps_share_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
