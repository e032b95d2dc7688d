#include "engine/archive/copy_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Feeds the text in pieces of a size, as load_table does; *rows gets what the server would. */
static bool feed(const char *text, size_t piece, char *rows, struct error *error)
{
    unsigned char buffer[256];
    enum copy_text_place place = COPY_TEXT_BEGINNING;
    size_t length = strlen(text), held = 0, sent = 0, rows_bytes;

    for (size_t at = 0; at < length; at += piece) {
        size_t count = length - at < piece ? length - at : piece;
        memcpy(buffer + held, text + at, count);
        held += count;
        if (!copy_text_rows(buffer, held, place, &rows_bytes, error))
            return false;
        memcpy(rows + sent, buffer, rows_bytes);
        sent += rows_bytes;
        if (rows_bytes > 0)
            place = COPY_TEXT_MIDDLE;
        held -= rows_bytes;
        memmove(buffer, buffer + rows_bytes, held);
    }
    if (!copy_text_last_rows(buffer, held, place, &rows_bytes, error))
        return false;
    memcpy(rows + sent, buffer, rows_bytes);
    rows[sent + rows_bytes] = '\0';
    return true;
}

static void assert_rows(const char *text, const char *expected)
{
    for (size_t piece = 1; piece <= strlen(text); piece++) {
        char rows[256];
        struct error error = {.kind = ERROR_NONE};

        assert_true(feed(text, piece, rows, &error));
        assert_string_equal(rows, expected);
    }
}

static void assert_damaged(const char *text)
{
    for (size_t piece = 1; piece <= strlen(text) + 1; piece++) {
        char rows[256];
        struct error error = {.kind = ERROR_NONE};

        assert_false(feed(text, piece, rows, &error));
        assert_int_equal(error.kind, ERROR_DAMAGED);
    }
}

static void the_server_gets_the_rows_without_the_end(void **state)
{
    (void)state;
    assert_rows("1\tone\n2\ttwo\n\\.\n\n\n", "1\tone\n2\ttwo\n");
    assert_rows("x\n\\.\n\n\n", "x\n");
}

static void a_table_may_be_empty(void **state)
{
    (void)state;
    assert_rows("\\.\n\n\n", "");
}

static void rows_of_a_table_without_columns_are_bare_line_breaks(void **state)
{
    (void)state;
    assert_rows("\n\n\n\\.\n\n\n", "\n\n\n");
    assert_rows("\n\n\n\n\n\n\n\n\n\n\\.\n\n\n", "\n\n\n\n\n\n\n\n\n\n");
}

static void values_may_look_like_the_end(void **state)
{
    (void)state;
    assert_rows("a\\\\.\n\\\\.\n\\N\n\\.x\n\\.\n\n\n", "a\\\\.\n\\\\.\n\\N\n\\.x\n");
}

static void a_missing_end_is_damage(void **state)
{
    (void)state;
    assert_damaged("");
    assert_damaged("1\tone\n");
    assert_damaged("1\tone\n2\ttwo\n\\.");
    assert_damaged("1\tone\n2\ttwo\n\\.\n\n");
    assert_damaged("1\tone\\.\n\n\n");
    assert_damaged("\\.\n\n");
}

static void an_end_before_the_end_is_damage(void **state)
{
    (void)state;
    assert_damaged("1\tone\n\\.\n2\ttwo\n\\.\n\n\n");
    assert_damaged("\\.\n1\tone\n\\.\n\n\n");
    assert_damaged("1\n\\.\n\n\n\n");
}

/* As when one bit of an escaped line break flips. */
static void an_end_behind_the_bytes_of_a_row_is_damage(void **state)
{
    (void)state;
    assert_damaged("1\tone\\.\n2\ttwo\n\\.\n\n\n");
    assert_damaged("1\tone\n2\ttwo\\.\n\\.\n\n\n");
}

static void the_second_half_of_a_character_is_no_end(void **state)
{
    (void)state;
    assert_rows("\x95\\.\nb\n\\.\n\n\n", "\x95\\.\nb\n");
}

static void the_last_rows_are_searched_for_an_end_as_well(void **state)
{
    static const char *const texts[] = {"1\n\\.\n2\n\\.\n\n\n", "\\.\n2\n\\.\n\n\n",
                                        "1\\.\n2\n\\.\n\n\n"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct error error = {.kind = ERROR_NONE};
        size_t rows_bytes;

        assert_false(copy_text_last_rows((const unsigned char *)texts[i], strlen(texts[i]),
                                         COPY_TEXT_BEGINNING, &rows_bytes, &error));
        assert_int_equal(error.kind, ERROR_DAMAGED);
    }
}

static void no_text_holds_a_zero_byte(void **state)
{
    static const unsigned char text[] = "1\n\0\n22222222\n\\.\n\n\n";
    struct error error = {.kind = ERROR_NONE};
    size_t rows_bytes;

    (void)state;
    assert_false(
        copy_text_last_rows(text, sizeof text - 1, COPY_TEXT_BEGINNING, &rows_bytes, &error));
    assert_int_equal(error.kind, ERROR_DAMAGED);
    error.kind = ERROR_NONE;
    assert_false(copy_text_rows(text, sizeof text - 1, COPY_TEXT_BEGINNING, &rows_bytes, &error));
    assert_int_equal(error.kind, ERROR_DAMAGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_gets_the_rows_without_the_end),
        cmocka_unit_test(a_table_may_be_empty),
        cmocka_unit_test(rows_of_a_table_without_columns_are_bare_line_breaks),
        cmocka_unit_test(values_may_look_like_the_end),
        cmocka_unit_test(a_missing_end_is_damage),
        cmocka_unit_test(an_end_before_the_end_is_damage),
        cmocka_unit_test(an_end_behind_the_bytes_of_a_row_is_damage),
        cmocka_unit_test(the_second_half_of_a_character_is_no_end),
        cmocka_unit_test(the_last_rows_are_searched_for_an_end_as_well),
        cmocka_unit_test(no_text_holds_a_zero_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
