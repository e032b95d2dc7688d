#include "engine/archive/row_digest.h"

#include "copy_binary_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool digest_in_pieces(struct sample sample, enum row_form form, size_t piece,
                             struct row_digest *digest, struct error *error)
{
    struct row_digester digester;

    row_digester_init(&digester, form);
    for (size_t at = 0; at < sample.length; at += piece) {
        size_t length = sample.length - at < piece ? sample.length - at : piece;

        if (!row_digester_update(&digester, sample.bytes + at, length, error))
            return false;
    }
    return row_digester_finish(&digester, digest, error);
}

static struct row_digest digest_of(struct sample sample, enum row_form form)
{
    struct row_digest digest;
    struct error error;

    assert_true(digest_in_pieces(sample, form, sample.length + 1, &digest, &error));
    return digest;
}

static void assert_equal(struct row_digest one, struct row_digest other)
{
    assert_true(row_digest_is_equal(&one, &other));
}

static void assert_different(struct row_digest one, struct row_digest other)
{
    assert_false(row_digest_is_equal(&one, &other));
}

static void assert_sum(struct row_digest digest, uint64_t rows, const char *sum)
{
    char text[ROW_SUM_TEXT_BYTES];

    row_digest_print_sum(&digest, text);
    assert_string_equal(text, sum);
    assert_int_equal(digest.rows, rows);
}

/* Archives hold these sums: they must never change. */
static void the_sum_is_of_the_published_hash(void **state)
{
    (void)state;
    assert_sum(digest_of(SAMPLE(""), ROW_FORM_TEXT), 0, "00000000000000000000000000000000");
    assert_sum(digest_of(SAMPLE("\n"), ROW_FORM_TEXT), 1, "99aa06d3014798d86001c324468d497f");
    assert_sum(digest_of(SAMPLE("\n\n"), ROW_FORM_TEXT), 2, "33540da6028f31b0c00386488d1a92fe");
}

static void sum_carries_into_its_upper_half_and_wraps(void **state)
{
    struct row_digest digest = {1, 0, UINT64_MAX}, one = {2, 0, 1};
    struct row_digest largest = {0, UINT64_MAX, UINT64_MAX};

    (void)state;
    row_digest_add(&digest, &one);
    assert_sum(digest, 3, "00000000000000010000000000000000");
    row_digest_add(&largest, &one);
    assert_sum(largest, 2, "00000000000000000000000000000000");
}

static void order_of_rows_does_not_matter(void **state)
{
    (void)state;
    assert_equal(digest_of(SAMPLE("1\tone\n2\ttwo\n2\ttwo\n3\t\\N\n"), ROW_FORM_TEXT),
                 digest_of(SAMPLE("2\ttwo\n3\t\\N\n1\tone\n2\ttwo\n"), ROW_FORM_TEXT));
    assert_equal(digest_of(SAMPLE(HEADER ONE_ROW OTHER_ROW OTHER_ROW END), ROW_FORM_BINARY),
                 digest_of(SAMPLE(HEADER OTHER_ROW ONE_ROW OTHER_ROW END), ROW_FORM_BINARY));
}

static void everything_else_matters(void **state)
{
    const struct row_digest rows = digest_of(SAMPLE("1\tone\n2\ttwo\n"), ROW_FORM_TEXT);

    (void)state;
    assert_different(rows, digest_of(SAMPLE("1\tone\n"), ROW_FORM_TEXT));
    assert_different(rows, digest_of(SAMPLE("1\ttwo\n2\tone\n"), ROW_FORM_TEXT));
    assert_different(rows, digest_of(SAMPLE("1\tone\n2\ttwo\n\n"), ROW_FORM_TEXT));
    assert_different(rows, digest_of(SAMPLE("1\tone2\ttwo\n\n"), ROW_FORM_TEXT));
    /* Twice the same, twice another: an XOR would be zero for both. */
    assert_different(digest_of(SAMPLE("a\na\n"), ROW_FORM_TEXT),
                     digest_of(SAMPLE("b\nb\n"), ROW_FORM_TEXT));
    assert_different(digest_of(SAMPLE(HEADER ONE_ROW END), ROW_FORM_BINARY),
                     digest_of(SAMPLE(HEADER OTHER_ROW END), ROW_FORM_BINARY));
}

static void parts_add_up_to_the_whole(void **state)
{
    struct row_digest sum = digest_of(SAMPLE("1\tone\n"), ROW_FORM_TEXT);
    const struct row_digest rest = digest_of(SAMPLE("3\t\\N\n2\ttwo\n"), ROW_FORM_TEXT);

    (void)state;
    row_digest_add(&sum, &rest);
    assert_equal(sum, digest_of(SAMPLE("1\tone\n2\ttwo\n3\t\\N\n"), ROW_FORM_TEXT));
}

static void a_tuple_is_hashed_from_its_field_count_on(void **state)
{
    struct row_digest tuple = digest_of(SAMPLE(HEADER OTHER_ROW END), ROW_FORM_BINARY);
    /* This one has no byte that is a line break. */
    const struct row_digest line = digest_of(SAMPLE(OTHER_ROW "\n"), ROW_FORM_TEXT);

    (void)state;
    assert_equal(tuple, line);
}

static void assert_same_in_all_pieces(struct sample sample, enum row_form form)
{
    const struct row_digest whole = digest_of(sample, form);

    for (size_t piece = 1; piece <= sample.length; piece++) {
        struct row_digest digest;
        struct error error;

        assert_true(digest_in_pieces(sample, form, piece, &digest, &error));
        assert_equal(digest, whole);
    }
}

static void assert_same_cut_at_every_byte(struct sample sample, enum row_form form)
{
    const struct row_digest whole = digest_of(sample, form);

    for (size_t cut = 0; cut <= sample.length; cut++) {
        struct row_digester digester;
        struct row_digest digest;
        struct error error;

        row_digester_init(&digester, form);
        assert_true(row_digester_update(&digester, sample.bytes, cut, &error));
        assert_true(
            row_digester_update(&digester, sample.bytes + cut, sample.length - cut, &error));
        assert_true(row_digester_finish(&digester, &digest, &error));
        assert_equal(digest, whole);
    }
}

static void pieces_may_be_cut_anywhere(void **state)
{
    const struct sample text = SAMPLE("1\tone\n\n2\t\\N\nthree\n");
    const struct sample binary = SAMPLE(HEADER ONE_ROW OTHER_ROW OTHER_ROW ONE_ROW END);
    const struct sample extended =
        SAMPLE("PGCOPY\n\377\r\n\0\0\0\0\1\0\0\0\3ext" ONE_ROW OTHER_ROW END);
    const struct sample columnless = SAMPLE(HEADER "\0\0\0\0\0\0" END);

    (void)state;
    assert_same_in_all_pieces(text, ROW_FORM_TEXT);
    assert_same_cut_at_every_byte(text, ROW_FORM_TEXT);
    assert_same_in_all_pieces(binary, ROW_FORM_BINARY);
    assert_same_cut_at_every_byte(binary, ROW_FORM_BINARY);
    assert_same_in_all_pieces(extended, ROW_FORM_BINARY);
    assert_same_cut_at_every_byte(extended, ROW_FORM_BINARY);
    assert_same_in_all_pieces(columnless, ROW_FORM_BINARY);
    assert_int_equal(digest_of(columnless, ROW_FORM_BINARY).rows, 3);
}

/* A large row between two small ones, handed over in pieces that it outgrows. */
static void rows_may_be_larger_than_a_piece(void **state)
{
    enum { VALUE = 100000, HEAD = 19, TUPLE = 2 + 4 + VALUE, ALL = HEAD + 3 * TUPLE + 2 };
    char *binary = calloc(1, ALL);
    char *text = calloc(1, (size_t)3 * VALUE);
    static const unsigned char header[] = HEADER;
    static const unsigned char head[] = {0, 1, 0, 1, 0x86, 0xa0}; /* one field of VALUE bytes */
    const size_t pieces[] = {1, 6, 511, 4096, TUPLE - 1, TUPLE, TUPLE + 1, ALL};
    struct row_digest whole, digest;
    struct error error;

    (void)state;
    memcpy(binary, header, HEAD);
    for (int i = 0; i < 3; i++) {
        char *tuple = binary + HEAD + (size_t)i * TUPLE;

        memcpy(tuple, head, sizeof head);
        memset(tuple + 6, 'a' + i, VALUE);
        memset(text + (size_t)i * VALUE, 'a' + i, VALUE - 1);
        text[(size_t)i * VALUE + VALUE - 1] = '\n';
    }
    binary[ALL - 2] = binary[ALL - 1] = '\377';
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        whole = digest_of((struct sample){binary, ALL}, ROW_FORM_BINARY);
        assert_true(digest_in_pieces((struct sample){binary, ALL}, ROW_FORM_BINARY, pieces[i],
                                     &digest, &error));
        assert_equal(digest, whole);
        assert_int_equal(digest.rows, 3);
        whole = digest_of((struct sample){text, (size_t)3 * VALUE}, ROW_FORM_TEXT);
        assert_true(digest_in_pieces((struct sample){text, (size_t)3 * VALUE}, ROW_FORM_TEXT,
                                     pieces[i], &digest, &error));
        assert_equal(digest, whole);
        assert_int_equal(digest.rows, 3);
    }
    free(binary);
    free(text);
}

static void assert_refused(struct sample sample, enum row_form form, const char *message)
{
    for (size_t piece = 1; piece <= sample.length; piece++) {
        struct row_digest digest;
        struct error error;

        assert_false(digest_in_pieces(sample, form, piece, &digest, &error));
        assert_int_equal(error.kind, ERROR_DAMAGED);
        assert_non_null(strstr(error.message, message));
    }
}

static void what_has_no_end_is_damage(void **state)
{
    (void)state;
    assert_refused(SAMPLE("1\tone\n2"), ROW_FORM_TEXT, "within a row");
    assert_refused(SAMPLE(HEADER ONE_ROW), ROW_FORM_BINARY, "before its rows do");
    assert_refused(SAMPLE(HEADER ONE_ROW END ONE_ROW), ROW_FORM_BINARY, "more behind its end");
    assert_refused(SAMPLE("1\tone\n"), ROW_FORM_BINARY, "no signature");
}

static void a_sum_is_read_as_it_was_written(void **state)
{
    struct row_digest digest = {.rows = 3}, sum = {0};
    char text[ROW_SUM_TEXT_BYTES];

    (void)state;
    assert_true(row_digest_parse_sum(&digest, "0123456789abcdef00112233445566ff"));
    assert_int_equal(digest.rows, 3);
    assert_int_equal(digest.sum_high, 0x0123456789abcdef);
    assert_int_equal(digest.sum_low, 0x00112233445566ff);
    row_digest_print_sum(&digest, text);
    assert_string_equal(text, "0123456789abcdef00112233445566ff");
    assert_false(row_digest_parse_sum(&sum, "0123456789abcdef00112233445566f"));
    assert_false(row_digest_parse_sum(&sum, "0123456789abcdef00112233445566fff"));
    assert_false(row_digest_parse_sum(&sum, "0123456789ABCDEF00112233445566FF"));
    assert_false(row_digest_parse_sum(&sum, "-123456789abcdef00112233445566ff"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sum_is_of_the_published_hash),
        cmocka_unit_test(sum_carries_into_its_upper_half_and_wraps),
        cmocka_unit_test(order_of_rows_does_not_matter),
        cmocka_unit_test(everything_else_matters),
        cmocka_unit_test(parts_add_up_to_the_whole),
        cmocka_unit_test(a_tuple_is_hashed_from_its_field_count_on),
        cmocka_unit_test(pieces_may_be_cut_anywhere),
        cmocka_unit_test(rows_may_be_larger_than_a_piece),
        cmocka_unit_test(what_has_no_end_is_damage),
        cmocka_unit_test(a_sum_is_read_as_it_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
