#include "compress/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void table_goes_in_the_order_in_which_stock_tries_suffixes(void **state)
{
    (void)state;
    assert_string_equal(codec_at(0)->suffix, "");
    assert_string_equal(codec_at(1)->suffix, ".gz");
    assert_string_equal(codec_at(2)->suffix, ".lz4");
    assert_string_equal(codec_at(3)->suffix, ".zst");
    assert_null(codec_at(4));
}

static void table_finds_a_codec_by_the_suffix_of_a_file(void **state)
{
    (void)state;
    assert_ptr_equal(codec_find_by_file_name("3001.dat.gz"), &codec_gzip);
    assert_ptr_equal(codec_find_by_file_name("3001.dat.lz4"), &codec_lz4);
    assert_ptr_equal(codec_find_by_file_name("3001.dat.zst"), &codec_zstd);
    assert_ptr_equal(codec_find_by_file_name("3001.dat"), &codec_none);
    assert_ptr_equal(codec_find_by_file_name("3001.dat.zst.partial"), &codec_none);
    assert_ptr_equal(codec_find_by_file_name(".zst"), &codec_zstd);
    assert_ptr_equal(codec_find_by_file_name(""), &codec_none);
}

static void table_answers_null_for_strangers(void **state)
{
    (void)state;
    assert_null(codec_find_by_name("bzip2"));
    assert_null(codec_find_by_name(""));
    assert_null(codec_find_by_id(-1));
    assert_null(codec_find_by_id(4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_goes_in_the_order_in_which_stock_tries_suffixes),
        cmocka_unit_test(table_finds_a_codec_by_the_suffix_of_a_file),
        cmocka_unit_test(table_answers_null_for_strangers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
