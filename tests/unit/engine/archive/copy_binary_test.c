#include "engine/archive/copy_binary.h"

#include "copy_binary_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool read_in_pieces(struct sample sample, size_t piece, struct copy_binary *data,
                           struct error *error)
{
    *data = (struct copy_binary){.rows = 0};
    for (size_t at = 0; at < sample.length; at += piece) {
        size_t length = sample.length - at < piece ? sample.length - at : piece;

        if (!copy_binary_read(data, (const unsigned char *)sample.bytes + at, length, error))
            return false;
    }
    return copy_binary_finish(data, error);
}

static void assert_rows(struct sample sample, uint64_t rows)
{
    for (size_t piece = 1; piece <= sample.length; piece++) {
        struct copy_binary data;
        struct error error;

        assert_true(read_in_pieces(sample, piece, &data, &error));
        assert_int_equal(data.rows, rows);
        assert_int_equal(data.offset_bytes, sample.length);
    }
}

static void assert_damaged(struct sample sample, const char *message)
{
    for (size_t piece = 1; piece <= sample.length + 1; piece++) {
        struct copy_binary data;
        struct error error;

        assert_false(read_in_pieces(sample, piece, &data, &error));
        assert_int_equal(error.kind, ERROR_DAMAGED);
        assert_non_null(strstr(error.message, message));
    }
}

static void rows_are_counted_whatever_the_pieces(void **state)
{
    (void)state;
    assert_rows(SAMPLE(HEADER ONE_ROW OTHER_ROW ONE_ROW END), 3);
    assert_rows(SAMPLE(HEADER OTHER_ROW END), 1);
}

static void a_table_may_be_empty(void **state)
{
    (void)state;
    assert_rows(SAMPLE(HEADER END), 0);
}

static void a_table_may_have_no_columns(void **state)
{
    (void)state;
    assert_rows(SAMPLE(HEADER "\0\0\0\0" END), 2);
}

static void an_extension_of_the_header_is_skipped(void **state)
{
    (void)state;
    assert_rows(SAMPLE("PGCOPY\n\377\r\n\0\0\0\0\1\0\0\0\3ext" ONE_ROW END), 1);
}

static void values_may_look_like_the_end(void **state)
{
    (void)state;
    assert_rows(SAMPLE(HEADER "\0\1\0\0\0\4\377\377\377\377" END), 1);
}

static void a_missing_end_is_damage(void **state)
{
    (void)state;
    assert_damaged(SAMPLE(""), "ends before its rows do");
    assert_damaged(SAMPLE("PGCOPY"), "ends before its rows do");
    assert_damaged(SAMPLE(HEADER), "ends before its rows do");
    assert_damaged(SAMPLE(HEADER ONE_ROW), "ends before its rows do");
    assert_damaged(SAMPLE(HEADER ONE_ROW "\377"), "ends before its rows do");
    assert_damaged(SAMPLE(HEADER "\0\1\0\0\0\4\377\377"), "ends before its rows do");
    assert_damaged(SAMPLE(HEADER "\0\1\0\0\0\2\377\377"), "ends before its rows do");
}

static void more_behind_the_end_is_damage(void **state)
{
    (void)state;
    assert_damaged(SAMPLE(HEADER ONE_ROW END "\n"), "more behind its end");
    assert_damaged(SAMPLE(HEADER END ONE_ROW END), "more behind its end");
}

static void what_is_no_binary_data_is_damage(void **state)
{
    (void)state;
    assert_damaged(SAMPLE("1\tone\n2\ttwo\n\\.\n\n\n"), "no signature (byte 1)");
    assert_damaged(SAMPLE("PGCOPY\n\377\r\n\1\0\0\0\0\0\0\0\0" END), "no signature (byte 11)");
    assert_damaged(SAMPLE("PGCOPY\n\377\r\n\0\0\1\0\0\0\0\0\0" END), "unknown flags");
    assert_damaged(SAMPLE("PGCOPY\n\377\r\n\0\0\0\0\0\377\0\0\0" END), "a header of impossible");
}

static void impossible_numbers_are_damage(void **state)
{
    (void)state;
    assert_damaged(SAMPLE(HEADER ONE_ROW "\0\2\0\0\0\0\0\0\0\0" END),
                   "impossible number of fields");
    assert_damaged(SAMPLE(HEADER "\200\0" END), "impossible number of fields");
    assert_damaged(SAMPLE(HEADER "\0\1\377\377\377\376" END), "a field of impossible length");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_counted_whatever_the_pieces),
        cmocka_unit_test(a_table_may_be_empty),
        cmocka_unit_test(a_table_may_have_no_columns),
        cmocka_unit_test(an_extension_of_the_header_is_skipped),
        cmocka_unit_test(values_may_look_like_the_end),
        cmocka_unit_test(a_missing_end_is_damage),
        cmocka_unit_test(more_behind_the_end_is_damage),
        cmocka_unit_test(what_is_no_binary_data_is_damage),
        cmocka_unit_test(impossible_numbers_are_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
