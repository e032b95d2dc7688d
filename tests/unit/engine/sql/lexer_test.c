#include "engine/sql/lexer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char kinds[] = {
    [TOKEN_END] = '$',    [TOKEN_WORD] = 'w',   [TOKEN_NAME] = 'n',   [TOKEN_STRING] = 's',
    [TOKEN_NUMBER] = '#', [TOKEN_SYMBOL] = 'y', [TOKEN_BROKEN] = '?',
};

/* Each token as its kind and its text. */
static void print_tokens(const char *sql, bool conforming_strings, char *text, size_t room)
{
    struct lexer lexer = {.rest = sql, .conforming_strings = conforming_strings};
    struct token token;
    size_t length = 0;

    text[0] = '\0';
    do {
        token = lexer_next(&lexer);
        length += (size_t)snprintf(text + length, room - length, "%c%.*s ", kinds[token.kind],
                                   (int)token.length, token.start);
    } while (token.kind != TOKEN_END && token.kind != TOKEN_BROKEN);
    text[strlen(text) - 1] = '\0';
}

static void expect(const char *sql, const char *expected)
{
    char text[1000];

    print_tokens(sql, true, text, sizeof text);
    assert_string_equal(text, expected);
}

static void expect_not_conforming(const char *sql, const char *expected)
{
    char text[1000];

    print_tokens(sql, false, text, sizeof text);
    assert_string_equal(text, expected);
}

static void words_names_numbers_and_symbols(void **state)
{
    (void)state;
    expect("", "$");
    expect(" \t\r\n\f\v", "$");
    expect("SELECT a$b_1, \"x \"\"y\"(12);", "wSELECT wa$b_1 y, n\"x \"\"y\" y( #12 y) y; $");
    expect("\xC3\xA9t\xC3\xA9", "w\xC3\xA9t\xC3\xA9 $");
    expect("1.5e3", "#1 y. #5 we3 $");
    expect("$1", "y$ #1 $");
}

static void comments_are_passed_over(void **state)
{
    (void)state;
    expect("a -- b\nc", "wa wc $");
    expect("a -- b\rc", "wa wc $"); /* a carriage return ends a line, too */
    expect("a --", "wa $");
    expect("a/*b*/c", "wa wc $");
    expect("/* a /* b */ c */d", "wd $");
    expect("/*/ a */b", "wb $");
    expect("/***/b", "wb $");
    expect("+--;\n;", "y+ y; $"); /* no operator holds a comment */
    expect("*/*;*/;", "y* y; $");
    expect("- -", "y- y- $");
}

static void strings_end_where_the_server_ends_them(void **state)
{
    (void)state;
    expect("'a;b' c", "s'a;b' wc $");
    expect("'a''b'", "s'a''b' $");
    expect("'a\\' b", "s'a\\' wb $");
    expect("E'a\\' b'c", "sE'a\\' b' wc $");
    expect("e'a\\\\' b", "se'a\\\\' wb $");
    expect("xe'a'", "wxe s'a' $"); /* the word is xe */
    expect("1e'a\\''", "#1 se'a\\'' $");
    expect("B'1''0'", "sB'1' s'0' $");
    expect("N'a\\' b", "wN s'a\\' wb $");
    expect("U&'a\\' b", "wU y& s'a\\' wb $");
    expect_not_conforming("'a\\' b'c", "s'a\\' b' wc $");
    expect_not_conforming("B'1\\' b", "sB'1\\' wb $");
    expect_not_conforming("\"a\\\" b", "n\"a\\\" wb $");
}

static void strings_go_on_behind_a_line_break(void **state)
{
    (void)state;
    expect("E'a'\n'b\\' c' d", "sE'a'\n'b\\' c' wd $");
    expect("E'a' -- x\n -- y\n 'b\\' c' d", "sE'a' -- x\n -- y\n 'b\\' c' wd $");
    expect("E'a' 'b\\' c", "sE'a' s'b\\' wc $");
    expect("E'a' /*\n*/ 'b\\' c", "sE'a' s'b\\' wc $");
    expect("E'a' -- x", "sE'a' $");
}

static void dollar_quotes_end_with_their_own_tag(void **state)
{
    (void)state;
    expect("$$a;'b$$ c", "s$$a;'b$$ wc $");
    expect("$x$a$$b$y$c$x$ d", "s$x$a$$b$y$c$x$ wd $");
    expect("$x$a$X$ $x$", "s$x$a$X$ $x$ $");
    expect("$a$b$a$", "s$a$b$a$ $");
    expect("a$x$b", "wa$x$b $"); /* within a word a dollar is a letter */
    expect("1$x$a$x$", "#1 s$x$a$x$ $");
    expect("$1$x$a$x$", "y$ #1 s$x$a$x$ $");
    expect("$x y", "y$ wx wy $");
}

static void what_has_no_end_is_broken(void **state)
{
    (void)state;
    expect("'a", "?");
    expect("'a''", "?");
    expect("E'a\\'", "?");
    expect("E'a\\", "?");
    expect("\"a", "?");
    expect("/* a /* b */", "?");
    expect("$x$ a $x", "?");
    expect("a $$", "wa ?");
    expect("E'a'\n'b", "?");
}

static void a_name_is_one_however_it_is_written(void **state)
{
    static const char *const forms[] = {"sql", "SQL", "\"sql\"", "'sql'"};
    static const char *const others[] = {"\"SQL\"", "sqlx", "'sq", "E'sql'", "$$sql$$", "'sql '"};
    (void)state;

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct lexer lexer = {forms[i], true};
        struct token token = lexer_next(&lexer);
        assert_true(token_names(&token, "sql"));
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct lexer lexer = {others[i], true};
        struct token token = lexer_next(&lexer);
        assert_false(token_names(&token, "sql"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_names_numbers_and_symbols),
        cmocka_unit_test(comments_are_passed_over),
        cmocka_unit_test(strings_end_where_the_server_ends_them),
        cmocka_unit_test(strings_go_on_behind_a_line_break),
        cmocka_unit_test(dollar_quotes_end_with_their_own_tag),
        cmocka_unit_test(what_has_no_end_is_broken),
        cmocka_unit_test(a_name_is_one_however_it_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
