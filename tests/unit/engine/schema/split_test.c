#include "engine/schema/split.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const uint64_t megabyte = 1 << 20;
static const uint64_t gigabyte = 1 << 30;

static void split_leaves_a_table_whole_that_is_not_clearly_larger_than_a_piece(void **state)
{
    (void)state;
    assert_int_equal(split_count_pieces(0, 64 * megabyte, 0), 1);
    assert_int_equal(split_count_pieces(64 * megabyte, 64 * megabyte, 8192), 1);
    assert_int_equal(split_count_pieces(90 * megabyte, 64 * megabyte, 11520), 1);
    assert_int_equal(split_count_pieces(128 * megabyte, 64 * megabyte, 16384), 2);
}

static void split_counts_toast_but_never_makes_more_pieces_than_blocks(void **state)
{
    (void)state;
    assert_int_equal(split_count_pieces(10 * gigabyte, 64 * megabyte, 7), 7);
    assert_int_equal(split_count_pieces(10 * gigabyte, 64 * megabyte, 1), 1);
}

static void split_bounds_the_number_of_files(void **state)
{
    (void)state;
    assert_int_equal(split_count_pieces(1000 * gigabyte, 8192, 131072000), 10000);
}

/* Whatever the numbers: the pieces follow one another without gap or overlap, and none is empty. */
static void split_blocks_ascend_from_first_to_last(void **state)
{
    static const uint64_t tables[] = {2, 3, 7, 100, 8191, 16777216, 4294967294};

    (void)state;
    for (size_t table = 0; table < sizeof(tables) / sizeof(tables[0]); table++) {
        uint64_t blocks = tables[table];

        for (unsigned pieces = 2; pieces <= blocks && pieces < 200; pieces++) {
            assert_int_equal(split_first_block(blocks, pieces, 0), 0);
            for (unsigned piece = 1; piece < pieces; piece++)
                assert_true(split_first_block(blocks, pieces, piece) >
                            split_first_block(blocks, pieces, piece - 1));
            assert_true(split_first_block(blocks, pieces, pieces - 1) < blocks);
        }
    }
}

static void split_uses_all_32_bits_of_a_block_number(void **state)
{
    (void)state;
    assert_true(split_first_block(4294967294, 2, 1) == 2147483647);
    assert_true(split_first_block(4294967294, 4, 3) > 2147483648);
}

static void split_chooses_small_pieces_for_many_workers_within_limits(void **state)
{
    (void)state;
    assert_int_equal(split_choose_bytes(gigabyte, 1), gigabyte);
    assert_int_equal(split_choose_bytes(10 * megabyte, 8), 4 * megabyte);
    assert_true(split_choose_bytes(100 * gigabyte, 8) < 100 * gigabyte / 8);
    assert_true(split_choose_bytes(100000 * gigabyte, 8) <= gigabyte);
    assert_true(split_choose_bytes(100000 * gigabyte, 8) > gigabyte * 99 / 100);
}

/* Else the last pieces leave workers idle for as long as a piece takes. */
static void split_cuts_one_big_table_into_as_many_pieces_for_each_worker(void **state)
{
    (void)state;
    for (uint64_t size = 130; size < 100000; size += size / 3)
        for (unsigned jobs = 2; jobs <= 32; jobs++) {
            uint64_t bytes = size * megabyte + 12345;
            uint64_t piece = split_choose_bytes(bytes, jobs);
            /* The table's neighbours count as well. */
            unsigned pieces = split_count_pieces(bytes - megabyte / 8, piece, bytes / 8192);

            assert_int_equal(pieces % jobs, 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_leaves_a_table_whole_that_is_not_clearly_larger_than_a_piece),
        cmocka_unit_test(split_counts_toast_but_never_makes_more_pieces_than_blocks),
        cmocka_unit_test(split_bounds_the_number_of_files),
        cmocka_unit_test(split_blocks_ascend_from_first_to_last),
        cmocka_unit_test(split_uses_all_32_bits_of_a_block_number),
        cmocka_unit_test(split_chooses_small_pieces_for_many_workers_within_limits),
        cmocka_unit_test(split_cuts_one_big_table_into_as_many_pieces_for_each_worker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
