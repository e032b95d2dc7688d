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
    assert_int_equal(split_choose_bytes(10 * megabyte, 8), 16 * megabyte);
    assert_true(split_choose_bytes(100 * gigabyte, 8) < 100 * gigabyte / 8);
    assert_int_equal(split_choose_bytes(100000 * gigabyte, 8), gigabyte);
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
