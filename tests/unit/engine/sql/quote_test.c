#include "engine/sql/quote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_text(struct text *text, const char *expected)
{
    assert_string_equal(text->data, expected);
    text_clear(text);
}

static void assert_identifier(const char *name, const char *expected)
{
    struct text text;
    text_init(&text, TEXT_MAXIMUM);
    quote_identifier(&text, name);
    assert_text(&text, expected);
}

static void identifiers_of_lower_case_letters_digits_and_underscores_stay_bare(void **state)
{
    (void)state;
    assert_identifier("orders", "orders");
    assert_identifier("_x9", "_x9");
    assert_identifier("abort", "abort"); /* a key word, but an unreserved one */
}

static void other_identifiers_are_quoted(void **state)
{
    (void)state;
    assert_identifier("", "\"\"");
    assert_identifier("Orders", "\"Orders\"");
    assert_identifier("9x", "\"9x\"");
    assert_identifier("a$b", "\"a$b\"");
    assert_identifier("a b", "\"a b\"");
    assert_identifier("größe", "\"größe\"");
    assert_identifier("a\"b\"", "\"a\"\"b\"\"\"");
    assert_identifier("\";drop", "\"\"\";drop\"");
}

static void key_words_are_quoted_unless_unreserved(void **state)
{
    (void)state;
    assert_identifier("all", "\"all\"");           /* reserved, first row */
    assert_identifier("select", "\"select\"");     /* reserved */
    assert_identifier("values", "\"values\"");     /* column name */
    assert_identifier("left", "\"left\"");         /* type or function name */
    assert_identifier("xmltable", "\"xmltable\""); /* last row */
}

static void a_qualified_name_without_schema_is_the_bare_name(void **state)
{
    (void)state;
    struct text text;
    text_init(&text, TEXT_MAXIMUM);
    quote_qualified(&text, NULL, "x");
    text_append_char(&text, ' ');
    quote_qualified(&text, "", "x");
    text_append_char(&text, ' ');
    quote_qualified(&text, "A.b", "table");
    assert_text(&text, "x x \"A.b\".\"table\"");
}

static void literals_double_backslashes_only_where_they_escape(void **state)
{
    (void)state;
    struct text text;
    text_init(&text, TEXT_MAXIMUM);
    quote_literal(&text, "it's \\", true);
    assert_text(&text, "'it''s \\'");
    text_init(&text, TEXT_MAXIMUM);
    quote_literal(&text, "it's \\", false);
    assert_text(&text, "'it''s \\\\'");
}

static void line_breaks_in_comments_become_blanks(void **state)
{
    (void)state;
    struct text text;
    text_init(&text, TEXT_MAXIMUM);
    quote_for_comment(&text, "a\n\\! rm\r\nb");
    assert_text(&text, "a \\! rm  b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identifiers_of_lower_case_letters_digits_and_underscores_stay_bare),
        cmocka_unit_test(other_identifiers_are_quoted),
        cmocka_unit_test(key_words_are_quoted_unless_unreserved),
        cmocka_unit_test(a_qualified_name_without_schema_is_the_bare_name),
        cmocka_unit_test(literals_double_backslashes_only_where_they_escape),
        cmocka_unit_test(line_breaks_in_comments_become_blanks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
