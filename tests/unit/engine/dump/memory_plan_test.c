#include "engine/dump/memory_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MEGABYTE ((uint64_t)1 << 20)

enum { MANY_LANES = 8, MOST_WORKERS = 256 };

/* Any number of workers, dealt to lanes with so many codec threads each. */
static struct placement place(struct lane lanes[MANY_LANES], unsigned lane_count, unsigned workers,
                              unsigned codec_threads)
{
    for (unsigned i = 0; i < lane_count; i++)
        lanes[i] = (struct lane){
            .sessions = workers / lane_count + (i < workers % lane_count ? 1 : 0),
            .codec_threads = codec_threads,
        };
    return (struct placement){.lanes = lanes, .lane_count = lane_count};
}

static void the_default_limit_leaves_room_for_the_best_sizes_on_a_small_machine(void **state)
{
    struct lane lanes[MANY_LANES];
    struct memory_plan plan;
    struct error error;

    (void)state;
    for (unsigned workers = 1; workers <= 16; workers++) {
        struct placement placement = place(lanes, 1, workers, workers % 3);
        assert_true(memory_plan_make(&plan, &placement, true, 0, &error));
        assert_int_equal(plan.chunk_bytes, 512 << 10);
        assert_int_equal(plan.writes_in_flight, 16);
    }
}

static void the_default_limit_is_enough_for_any_number_of_workers(void **state)
{
    struct lane lanes[MANY_LANES];
    struct memory_plan plan;
    struct error error;

    (void)state;
    for (unsigned workers = MANY_LANES; workers <= MOST_WORKERS; workers++)
        for (unsigned lane_count = 1; lane_count <= MANY_LANES; lane_count++) {
            struct placement placement =
                place(lanes, lane_count, workers, 1 + workers / lane_count);
            assert_true(memory_plan_make(&plan, &placement, true, 0, &error));
            assert_true(plan.bytes <= (64 + 16 * workers) * MEGABYTE);
        }
}

static unsigned count_codec_threads(const struct placement *placement)
{
    unsigned count = 0;

    for (unsigned i = 0; i < placement->lane_count; i++) {
        assert_true(placement->lanes[i].codec_threads > 0);
        count += placement->lanes[i].codec_threads;
    }
    return count;
}

static void the_default_limit_is_enough_on_a_machine_of_any_size(void **state)
{
    struct lane lanes[MANY_LANES];
    struct memory_plan plan;
    struct error error;

    (void)state;
    for (unsigned workers = 1; workers <= 2 * MANY_LANES; workers++)
        for (unsigned lane_count = 1; lane_count <= MANY_LANES && lane_count <= workers;
             lane_count++)
            for (unsigned codec_threads = 16; codec_threads <= 512; codec_threads *= 2) {
                struct placement placement = place(lanes, lane_count, workers, codec_threads);
                assert_true(memory_plan_make(&plan, &placement, true, 0, &error));
                assert_true(plan.bytes <= (64 + 16 * workers) * MEGABYTE);
                assert_true(count_codec_threads(&placement) >= 12);
            }
}

static void codec_threads_are_given_up_only_where_small_buffers_do_not_help(void **state)
{
    struct lane lanes[MANY_LANES];
    struct placement placement = place(lanes, 2, 2, 16);
    struct memory_plan plan;
    struct error error;

    (void)state;
    lanes[1].codec_threads = 8;
    assert_true(memory_plan_make(&plan, &placement, true, 120 * MEGABYTE, &error));
    assert_int_equal(count_codec_threads(&placement), 24);
    assert_true(memory_plan_make(&plan, &placement, true, 80 * MEGABYTE, &error));
    assert_int_equal(plan.chunk_bytes, 64 << 10);
    assert_true(lanes[0].codec_threads < 16 && lanes[0].codec_threads >= lanes[1].codec_threads);
}

static void less_memory_means_smaller_buffers(void **state)
{
    struct lane lanes[MANY_LANES];
    struct placement placement = place(lanes, 1, 4, 4);
    struct memory_plan plan, larger = {.bytes = UINT64_MAX};
    struct error error;

    (void)state;
    for (uint64_t limit = 200 * MEGABYTE; memory_plan_make(&plan, &placement, true, limit, &error);
         limit = plan.bytes - 1) {
        assert_true(plan.bytes <= limit);
        assert_true(plan.bytes < larger.bytes);
        assert_true(plan.chunk_bytes <= larger.chunk_bytes || larger.chunk_bytes == 0);
        larger = plan;
    }
    assert_int_equal(larger.chunk_bytes, 64 << 10);
}

/* To those of all workers and of the coordinator, by powers of two; each has a megabyte anyway. */
static void what_is_left_of_the_limit_goes_to_large_rows(void **state)
{
    struct lane lanes[MANY_LANES];
    struct memory_plan plan;
    struct error error;

    (void)state;
    for (unsigned workers = 1; workers <= MOST_WORKERS; workers *= 2)
        for (uint64_t limit = 64; limit <= 4096; limit *= 2) {
            struct placement placement = place(lanes, 1, workers, 2);
            if (!memory_plan_make(&plan, &placement, true, limit * MEGABYTE, &error))
                continue;
            uint64_t share = (limit * MEGABYTE - plan.bytes) / (workers + 1);
            assert_true(plan.row_bytes == MEGABYTE || plan.row_bytes <= share);
            assert_true(plan.row_bytes > share / 2);
            assert_int_equal(plan.row_bytes & (plan.row_bytes - 1), 0);
        }
}

static void rows_of_eight_megabytes_take_no_turns_by_default(void **state)
{
    struct lane lanes[MANY_LANES];
    struct memory_plan plan;
    struct error error;

    (void)state;
    for (unsigned workers = 1; workers <= 64; workers++) {
        struct placement placement = place(lanes, 1, workers, 0);
        assert_true(memory_plan_make(&plan, &placement, true, 0, &error));
        assert_true(plan.row_bytes >= 8 * MEGABYTE);
    }
}

static void files_in_blocks_are_fewer_than_blocks(void **state)
{
    struct lane lanes[MANY_LANES];
    struct placement placement = place(lanes, 2, 5, 3);
    struct memory_plan plan;
    struct error error;

    (void)state;
    assert_true(memory_plan_make(&plan, &placement, true, 1000 * MEGABYTE, &error));
    assert_true(plan.files_in_blocks >= 6 && plan.files_in_blocks < plan.blocks);
    assert_int_equal(plan.block_bytes % 4096, 0);
    assert_true(memory_plan_make(&plan, &placement, false, 1000 * MEGABYTE, &error));
    assert_int_equal(plan.blocks, 0);
}

static void too_little_is_refused_with_the_least_that_is_enough(void **state)
{
    struct lane lanes[MANY_LANES];
    struct placement placement = place(lanes, 1, 2, 2);
    struct memory_plan plan;
    struct error error;
    unsigned least;

    (void)state;
    assert_false(memory_plan_make(&plan, &placement, true, 10 * MEGABYTE, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_non_null(strstr(error.message, "10"));
    assert_int_equal(sscanf(strstr(error.hint, "least"), "least %uMB", &least), 1);
    assert_true(memory_plan_make(&plan, &placement, true, least * MEGABYTE, &error));
    assert_false(memory_plan_make(&plan, &placement, true, (least - 1) * MEGABYTE, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_limit_leaves_room_for_the_best_sizes_on_a_small_machine),
        cmocka_unit_test(the_default_limit_is_enough_for_any_number_of_workers),
        cmocka_unit_test(the_default_limit_is_enough_on_a_machine_of_any_size),
        cmocka_unit_test(codec_threads_are_given_up_only_where_small_buffers_do_not_help),
        cmocka_unit_test(less_memory_means_smaller_buffers),
        cmocka_unit_test(what_is_left_of_the_limit_goes_to_large_rows),
        cmocka_unit_test(rows_of_eight_megabytes_take_no_turns_by_default),
        cmocka_unit_test(files_in_blocks_are_fewer_than_blocks),
        cmocka_unit_test(too_little_is_refused_with_the_least_that_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
