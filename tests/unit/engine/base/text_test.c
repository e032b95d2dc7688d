#include "engine/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void text_grows_and_stays_terminated(void **state)
{
    struct text text;

    (void)state;
    text_init(&text, TEXT_MAXIMUM);
    assert_string_equal(text.data, "");
    for (int i = 0; i < 1000; i++) {
        text_append(&text, "ab");
        text_append_char(&text, 'c');
        text_print(&text, "%03d", i);
        assert_int_equal(text.length_bytes, (size_t)(i + 1) * 6);
        assert_int_equal(text.data[text.length_bytes], '\0');
    }
    assert_int_equal(strlen(text.data), 6000);
    assert_string_equal(text.data + 5994, "abc999");
    assert_false(text.is_cut);
    text_clear(&text);
}

static void text_prints_pieces_longer_than_its_room(void **state)
{
    struct text text;
    char piece[500];

    (void)state;
    memset(piece, 'x', sizeof piece - 1);
    piece[sizeof piece - 1] = '\0';
    text_init(&text, TEXT_MAXIMUM);
    text_print(&text, "<%s>", piece);
    assert_int_equal(text.length_bytes, 501);
    assert_int_equal(text.data[0], '<');
    assert_int_equal(text.data[500], '>');
    text_clear(&text);
}

static void text_keeps_bytes_with_zeros(void **state)
{
    struct text text;

    (void)state;
    text_init(&text, 100);
    text_append_bytes(&text, "a\0b", 3);
    text_append_bytes(&text, NULL, 0);
    assert_int_equal(text.length_bytes, 3);
    assert_memory_equal(text.data, "a\0b", 4);
    text_clear(&text);
}

static void text_cuts_at_its_maximum_and_remembers(void **state)
{
    struct text text;

    (void)state;
    text_init(&text, 5);
    text_append(&text, "1234");
    assert_false(text.is_cut);
    text_append(&text, "567");
    assert_true(text.is_cut);
    assert_string_equal(text.data, "12345");
    text_append(&text, "8");
    text_print(&text, "%d", 9);
    assert_string_equal(text.data, "12345");
    text_clear(&text);

    text_init(&text, 200);
    text_print(&text, "%0300d", 7);
    assert_true(text.is_cut);
    assert_int_equal(text.length_bytes, 200);
    assert_int_equal(strlen(text.data), 200);
    text_clear(&text);
}

static void text_puts_nothing_behind_a_cut(void **state)
{
    struct text text;

    (void)state;
    text_init(&text, 4);
    text_append(&text, "12");
    text_append(&text, "345");
    text_truncate(&text, 3);
    text_append(&text, "x");
    assert_string_equal(text.data, "123");
    assert_true(text.is_cut);
    text_truncate(&text, 0);
    assert_false(text.is_cut);
    text_append(&text, "new");
    assert_string_equal(text.data, "new");
    text_clear(&text);
}

static void text_take_leaves_an_empty_text(void **state)
{
    struct text text;

    (void)state;
    text_init(&text, 100);
    text_append(&text, "mine");
    char *taken = text_take(&text);
    assert_string_equal(taken, "mine");
    assert_string_equal(text.data, "");
    text_append(&text, "next");
    assert_string_equal(text.data, "next");
    free(taken);
    text_clear(&text);
}

static void text_escapes_what_could_steer_a_terminal(void **state)
{
    struct text text;

    (void)state;
    text_init(&text, 100);
    text_append_escaped(&text, "tab\tnew\nesc\033[2J del\177 caf\xC3\xA9");
    assert_string_equal(text.data, "tab\\x09new\\x0aesc\\x1b[2J del\\x7f caf\xC3\xA9");
    text_clear(&text);
}

static void expect_escaped(const char *piece, const char *expected)
{
    struct text text;

    text_init(&text, 1000);
    text_append_escaped(&text, piece);
    assert_string_equal(text.data, expected);
    text_clear(&text);
}

static void text_escapes_control_characters_of_utf_8_too(void **state)
{
    (void)state;
    expect_escaped("a\xC2\x9B"
                   "31m",
                   "a\\x9b31m"); /* what a terminal takes for ESC [ */
    expect_escaped("\x9B"
                   "31m",
                   "\\x9b31m");
    expect_escaped("\xE2\x80\xAE"
                   "gnp",
                   "\\u{202e}gnp");
    expect_escaped("a\xE2\x80\xA8"
                   "b",
                   "a\\u{2028}b");
    expect_escaped("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x98", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x98");
}

static void text_listed_keeps_the_writing_direction_and_nothing_else(void **state)
{
    const char *name = "\x1B\xE2\x80\xAE"
                       "gnp\xE2\x80\xA8";
    struct text text;

    (void)state;
    text_init(&text, 100);
    text_append_listed(&text, name, strlen(name));
    assert_string_equal(text.data, "\\x1b\xE2\x80\xAE"
                                   "gnp\\u{2028}");
    text_clear(&text);
}

static void text_escapes_what_is_no_utf_8(void **state)
{
    (void)state;
    expect_escaped("caf\xE9", "caf\\xe9");
    expect_escaped("\xC0\x9B", "\\xc0\\x9b");          /* longer than needed */
    expect_escaped("\xED\xA0\x80", "\\xed\\xa0\\x80"); /* a surrogate */
    expect_escaped("\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
    expect_escaped("\xE2\x82", "\\xe2\\x82");
    expect_escaped("\xF0\x9F\x90(", "\\xf0\\x9f\\x90(");
    expect_escaped("\xFF", "\\xff");
}

static void keep_drained(void *context, const char *bytes, size_t length_bytes)
{
    text_append_bytes(context, bytes, length_bytes);
}

static void text_that_is_drained_gives_all_in_order_and_holds_little(void **state)
{
    struct text drained, kept, expected;

    (void)state;
    text_init(&kept, SIZE_MAX);
    text_init(&expected, SIZE_MAX);
    text_init_drained(&drained, keep_drained, &kept);
    for (unsigned i = 0; i < 100000; i++) {
        text_print(&drained, "%u is a number\n", i);
        text_append_char(&drained, 'x');
        text_print(&expected, "%u is a number\nx", i);
        assert_true(drained.length_bytes < TEXT_DRAIN_BYTES + 100);
    }
    assert_true(kept.length_bytes > 0 && kept.length_bytes < expected.length_bytes);
    text_flush(&drained);
    text_flush(&drained);
    assert_int_equal(kept.length_bytes, expected.length_bytes);
    assert_string_equal(kept.data, expected.data);
    text_clear(&drained);
    text_clear(&kept);
    text_clear(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_grows_and_stays_terminated),
        cmocka_unit_test(text_prints_pieces_longer_than_its_room),
        cmocka_unit_test(text_keeps_bytes_with_zeros),
        cmocka_unit_test(text_cuts_at_its_maximum_and_remembers),
        cmocka_unit_test(text_puts_nothing_behind_a_cut),
        cmocka_unit_test(text_take_leaves_an_empty_text),
        cmocka_unit_test(text_escapes_what_could_steer_a_terminal),
        cmocka_unit_test(text_escapes_control_characters_of_utf_8_too),
        cmocka_unit_test(text_listed_keeps_the_writing_direction_and_nothing_else),
        cmocka_unit_test(text_escapes_what_is_no_utf_8),
        cmocka_unit_test(text_that_is_drained_gives_all_in_order_and_holds_little),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
