#include "engine/archive/insert_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Where the last statement ends, for a text fed byte by byte; the same must come out at once. */
static size_t scan_twice(const char *text, bool has_backslash_escapes)
{
    struct insert_text slow = {.has_backslash_escapes = has_backslash_escapes};
    struct insert_text fast = slow;
    size_t end = 0;

    for (size_t i = 0; i < strlen(text); i++) {
        if (insert_text_scan(&slow, text + i, 1) > 0)
            end = i + 1;
    }
    assert_int_equal(insert_text_scan(&fast, text, strlen(text)), end);
    assert_int_equal(insert_text_is_complete(&fast), insert_text_is_complete(&slow));
    return end;
}

static void statements_end_at_semicolons(void **state)
{
    (void)state;
    assert_int_equal(scan_twice("INSERT INTO t VALUES (1);\n\n", false), 25);
    assert_int_equal(scan_twice("A;\nB;\nC", false), 5);
    assert_int_equal(scan_twice("A", false), 0);
}

static void quotes_hide_semicolons(void **state)
{
    (void)state;
    assert_int_equal(scan_twice("INSERT ('a;b')", false), 0);
    assert_int_equal(scan_twice("INSERT \"a;b\" (1);", false), 17);
    assert_int_equal(scan_twice("('it''s;');x", false), 11);
    assert_int_equal(scan_twice("('\";');x", false), 7);
}

static void backslashes_count_only_where_they_escape(void **state)
{
    (void)state;
    assert_int_equal(scan_twice("('a\\');", false), 7);
    assert_int_equal(scan_twice("('a\\';');", true), 9);
    assert_int_equal(scan_twice("('a\\\\');", true), 8);
}

static void a_text_may_end_only_between_statements(void **state)
{
    struct insert_text scan = {.quote = '\0'};

    (void)state;
    assert_true(insert_text_is_complete(&scan));
    insert_text_scan(&scan, "INSERT (1", 9);
    assert_false(insert_text_is_complete(&scan));
    insert_text_scan(&scan, ");\n\n", 4);
    assert_true(insert_text_is_complete(&scan));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_end_at_semicolons),
        cmocka_unit_test(quotes_hide_semicolons),
        cmocka_unit_test(backslashes_count_only_where_they_escape),
        cmocka_unit_test(a_text_may_end_only_between_statements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
