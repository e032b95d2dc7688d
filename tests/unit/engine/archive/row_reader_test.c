#include "engine/archive/row_reader.h"

#include "scratch_folder.h"

#include "engine/base/text.h"

enum { ROOM = ROW_READER_ROOM_LEAST };

static struct archive *open_bare_archive(void **state, const char *stored)
{
    struct archive *archive = memory_allocate(1, sizeof(*archive));
    struct error error;
    assert_true(folder_open(&archive->folder, *state, &error));
    scratch_write(*state, "1.dat", stored, strlen(stored));
    return archive;
}

/* What comes out, with a "|" where a piece ends with a row and a "~" where it does not. */
static bool read_pieces(void **state, const char *stored, struct text *pieces, struct error *error)
{
    struct archive *archive = open_bare_archive(state, stored);
    unsigned char buffer[ROOM];
    struct data_reader *data;
    size_t length = 0;
    bool ends_row, is_read;

    text_init(pieces, TEXT_MAXIMUM);
    assert_true(data_reader_open(&data, archive, "1.dat", error));
    struct row_reader *reader = row_reader_create(data, ROW_FORM_TEXT);
    while ((is_read = row_reader_read(reader, buffer, sizeof(buffer), &length, &ends_row, error)) &&
           length > 0) {
        text_append_bytes(pieces, buffer, length);
        text_append(pieces, ends_row ? "|" : "~");
    }
    if (is_read) {
        assert_true(row_reader_read(reader, buffer, sizeof(buffer), &length, &ends_row, error));
        assert_int_equal(length, 0);
    }
    row_reader_free(reader);
    data_reader_close(data);
    archive_close(archive);
    return is_read;
}

static void expect_pieces(void **state, const char *stored, const char *expected)
{
    struct text pieces;
    struct error error;

    if (!read_pieces(state, stored, &pieces, &error))
        fail_msg("%s", error.message);
    assert_string_equal(pieces.length_bytes > 0 ? pieces.data : "", expected);
    text_clear(&pieces);
}

static void expect_damage(void **state, const char *stored)
{
    struct text pieces;
    struct error error;

    assert_false(read_pieces(state, stored, &pieces, &error));
    assert_int_equal(error.kind, ERROR_DAMAGED);
    text_clear(&pieces);
}

#define TEN "123456789\n"
#define FORTY TEN TEN TEN TEN

static void pieces_end_with_rows(void **state)
{
    expect_pieces(state, TEN "\\.\n\n\n", TEN "|");
    expect_pieces(state, FORTY FORTY TEN "\\.\n\n\n", FORTY TEN "|" TEN TEN TEN TEN "|");
}

static void nothing_comes_of_a_table_without_rows(void **state)
{
    expect_pieces(state, "\\.\n\n\n", "");
}

static void rows_may_be_empty(void **state)
{
    expect_pieces(state, "\n\n\n\\.\n\n\n", "\n\n\n|");
}

static void a_row_longer_than_the_room_goes_on_in_the_next_piece(void **state)
{
    static const char long_row[] = "0123456789012345678901234567890123456789"
                                   "0123456789012345678901234567890123456789\n";
    struct text stored, expected;

    text_init(&stored, TEXT_MAXIMUM);
    text_init(&expected, TEXT_MAXIMUM);
    text_print(&stored, "%s%s%s\\.\n\n\n", TEN, long_row, TEN);
    /* Six bytes are kept back, which may turn out to be the close. */
    text_print(&expected, "%s|%.58s~%s%s|", TEN, long_row, long_row + 58, TEN);
    expect_pieces(state, stored.data, expected.data);
    text_clear(&stored);
    text_clear(&expected);
}

static void an_escaped_line_break_ends_no_row(void **state)
{
    expect_pieces(state, FORTY "12345678\\\n" TEN TEN "\\.\n\n\n",
                  FORTY "|12345678\\\n" TEN TEN "|");
    expect_pieces(state, FORTY "1234567\\\\\n" TEN TEN "\\.\n\n\n",
                  FORTY "1234567\\\\\n|" TEN TEN "|");
}

static void data_without_its_close_is_damaged(void **state)
{
    expect_damage(state, FORTY FORTY);
    expect_damage(state, "");
    expect_damage(state, "\\.\n\n\n" FORTY FORTY "\\.\n\n\n");
    expect_damage(state, FORTY "\\.\n\n\n" FORTY FORTY "\\.\n\n\n");
}

/* Binary: rows of one field, which is as long as told. */

static void append_number(struct text *stored, uint32_t number, unsigned width)
{
    while (width-- > 0)
        text_append_char(stored, (char)(number >> (8 * width)));
}

static void append_row(struct text *stored, uint32_t length)
{
    append_number(stored, 1, 2);
    append_number(stored, length, 4);
    for (uint32_t i = 0; i < length; i++)
        text_append_char(stored, (char)i);
}

static void begin_binary(struct text *stored, uint32_t extension_bytes)
{
    text_init(stored, TEXT_MAXIMUM);
    text_append_bytes(stored, copy_binary_header, COPY_BINARY_HEADER_BYTES - 4);
    append_number(stored, extension_bytes, 4);
    for (uint32_t i = 0; i < extension_bytes; i++)
        text_append_char(stored, 'x');
}

/* The lengths of the pieces, negative where a row goes on; all of them in *rows. */
static bool read_binary(void **state, const struct text *stored, struct text *rows, int *pieces,
                        struct error *error)
{
    struct archive *archive = memory_allocate(1, sizeof(*archive));
    unsigned char buffer[ROOM];
    struct data_reader *data;
    size_t length;
    bool ends_row, is_read;

    text_init(rows, TEXT_MAXIMUM);
    assert_true(folder_open(&archive->folder, *state, error));
    scratch_write(*state, "1.dat", stored->data, stored->length_bytes);
    assert_true(data_reader_open(&data, archive, "1.dat", error));
    struct row_reader *reader = row_reader_create(data, ROW_FORM_BINARY);
    while ((is_read = row_reader_read(reader, buffer, sizeof(buffer), &length, &ends_row, error)) &&
           length > 0) {
        text_append_bytes(rows, buffer, length);
        *pieces++ = ends_row ? (int)length : -(int)length;
    }
    *pieces = 0;
    row_reader_free(reader);
    data_reader_close(data);
    archive_close(archive);
    return is_read;
}

static void binary_pieces_end_with_rows_and_hold_nothing_else(void **state)
{
    const int expected[] = {60, -64, 42, 36, 0};
    struct text stored, rows;
    struct error error;
    int pieces[20];

    begin_binary(&stored, 100);
    size_t begin = stored.length_bytes;
    append_row(&stored, 24);
    append_row(&stored, 24);
    append_row(&stored, 100 - 6); /* goes on */
    append_row(&stored, 0);
    append_row(&stored, 24);
    append_row(&stored, 0);
    size_t end = stored.length_bytes;
    append_number(&stored, 0xffff, 2);
    if (!read_binary(state, &stored, &rows, pieces, &error))
        fail_msg("%s", error.message);
    assert_int_equal(rows.length_bytes, end - begin);
    assert_memory_equal(rows.data, stored.data + begin, rows.length_bytes);
    assert_memory_equal(pieces, expected, sizeof expected);
    text_clear(&rows);
    text_clear(&stored);
}

static void binary_rows_may_be_none(void **state)
{
    struct text stored, rows;
    struct error error;
    int pieces[20];

    begin_binary(&stored, 0);
    append_number(&stored, 0xffff, 2);
    assert_true(read_binary(state, &stored, &rows, pieces, &error));
    assert_int_equal(rows.length_bytes, 0);
    text_clear(&rows);
    text_clear(&stored);
}

static void binary_data_without_its_end_is_damaged(void **state)
{
    struct text stored, rows;
    struct error error;
    int pieces[20];

    begin_binary(&stored, 0);
    append_row(&stored, 60);
    append_row(&stored, 60);
    append_number(&stored, 0xffff, 2);
    for (; stored.length_bytes > 0; stored.length_bytes--) {
        bool is_whole = read_binary(state, &stored, &rows, pieces, &error);
        assert_int_equal(is_whole, stored.length_bytes == 19 + 2 * 66 + 2);
        text_clear(&rows);
    }
    text_clear(&stored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(pieces_end_with_rows),
        scratch_test(nothing_comes_of_a_table_without_rows),
        scratch_test(rows_may_be_empty),
        scratch_test(a_row_longer_than_the_room_goes_on_in_the_next_piece),
        scratch_test(an_escaped_line_break_ends_no_row),
        scratch_test(data_without_its_close_is_damaged),
        scratch_test(binary_pieces_end_with_rows_and_hold_nothing_else),
        scratch_test(binary_rows_may_be_none),
        scratch_test(binary_data_without_its_end_is_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
