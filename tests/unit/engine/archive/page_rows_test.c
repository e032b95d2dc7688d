#include "engine/archive/page_rows.h"

#include "copy_binary_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct span span_of(const void *bytes, size_t length)
{
    return (struct span){bytes, length};
}

#define TEXT(text) span_of(text, strlen(text))
#define BYTES(bytes) span_of(bytes, sizeof(bytes) - 1)

static void text_gives_row_by_row_and_leaves_its_end(void **state)
{
    (void)state;
    struct page_rows rows = {.is_binary = false};
    struct span left = TEXT("4294967295\t7\t\\\\x00ff\n12\t0\t\\\\x\n\\.\n\n\n");
    unsigned char page[LARGE_OBJECT_PAGE_BYTES];
    struct page_row row;
    struct error error;
    size_t length;
    bool is_there;

    assert_true(page_rows_next(&rows, &left, &row, &is_there, &error) && is_there);
    assert_int_equal(row.oid, 4294967295);
    assert_int_equal(row.page, 7);
    assert_true(page_row_decode(&rows, &row, page, &length, &error));
    assert_int_equal(length, 2);
    assert_memory_equal(page, "\0\377", 2);
    assert_true(page_rows_next(&rows, &left, &row, &is_there, &error) && is_there);
    assert_int_equal(row.oid, 12);
    assert_int_equal(row.data.length, 0);
    assert_true(page_rows_next(&rows, &left, &row, &is_there, &error) && !is_there);
    assert_true(rows.has_ended);
    assert_int_equal(left.length, 5);
    assert_true(page_rows_finish(&rows, left, &error));
    assert_int_equal(rows.count, 2);
}

static void binary_gives_row_by_row_and_takes_its_end(void **state)
{
    (void)state;
    struct page_rows rows = {.is_binary = true};
    struct span left = BYTES(HEADER "\0\3\0\0\0\4\0\0\1\2\0\0\0\4\0\0\0\3\0\0\0\2ab\377\377");
    unsigned char page[LARGE_OBJECT_PAGE_BYTES];
    struct page_row row;
    struct error error;
    size_t length;
    bool is_there;

    assert_true(page_rows_next(&rows, &left, &row, &is_there, &error) && is_there);
    assert_int_equal(row.oid, 258);
    assert_int_equal(row.page, 3);
    assert_true(page_row_decode(&rows, &row, page, &length, &error));
    assert_int_equal(length, 2);
    assert_memory_equal(page, "ab", 2);
    assert_true(page_rows_next(&rows, &left, &row, &is_there, &error) && !is_there);
    assert_true(page_rows_finish(&rows, left, &error));
}

/* However the data is cut, no row is taken before it is complete. */
static void a_row_that_is_not_complete_waits(void **state)
{
    (void)state;
    static const char text[] = "12\t0\t\\\\xab\n";
    static const char binary[] = HEADER "\0\3\0\0\0\4\0\0\0\2\0\0\0\4\0\0\0\3\0\0\0\2ab";
    const struct span whole[] = {BYTES(text), BYTES(binary)};

    for (int is_binary = 0; is_binary <= 1; is_binary++) {
        for (size_t length = 0; length < whole[is_binary].length; length++) {
            struct page_rows rows = {.is_binary = is_binary};
            struct span left = span_of(whole[is_binary].data, length);
            struct page_row row;
            struct error error;
            bool is_there;

            assert_true(page_rows_next(&rows, &left, &row, &is_there, &error));
            assert_false(is_there);
            assert_false(page_rows_finish(&rows, left, &error));
        }
    }
}

static void assert_damaged(bool is_binary, struct span bytes)
{
    struct page_rows rows = {.is_binary = is_binary};
    unsigned char page[LARGE_OBJECT_PAGE_BYTES];
    struct page_row row;
    struct error error = {.kind = ERROR_NONE};
    bool is_there = true;
    size_t length;

    while (is_there)
        if (!page_rows_next(&rows, &bytes, &row, &is_there, &error) ||
            (is_there && !page_row_decode(&rows, &row, page, &length, &error)))
            break;
    assert_int_equal(error.kind, ERROR_DAMAGED);
}

static void what_is_no_page_is_damage(void **state)
{
    (void)state;
    static char long_line[PAGE_ROW_LONGEST_BYTES + 2];
    static const char *const lines[] = {
        "\n",
        "12\t0\n",
        "12\t0\tab\n",
        "12\t0\t\\\\xa\n",
        "a\t0\t\\\\x00\n",
        "\t0\t\\\\x\n",
        "12\t\t\\\\x00\n",
        "4294967296\t0\t\\\\x00\n",
        "1\t0\t\\\\xzz\n",
        "1\t0\t\\\\x00\t\n",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_damaged(false, TEXT(lines[i]));
    memset(long_line, '1', sizeof(long_line) - 1);
    assert_damaged(false, TEXT(long_line));
    assert_damaged(true, TEXT("this is no COPY in binary format"));
    assert_damaged(true, BYTES(HEADER "\0\2\0\0\0\4\0\0\0\2\0\0\0\4\0\0\0\3"));
    assert_damaged(true, BYTES(HEADER "\0\3\0\0\0\10\0\0\0\2\0\0\0\4\0\0\0\3\0\0\0\2ab"));
    assert_damaged(true, BYTES(HEADER "\0\3\0\0\0\4\0\0\0\2\0\0\0\4\0\0\0\3\0\0\377\2ab"));
}

static void assert_too_much(bool is_binary, struct span bytes)
{
    struct page_rows rows = {.is_binary = is_binary};
    struct page_row row;
    struct error error;
    bool is_there;

    assert_true(page_rows_next(&rows, &bytes, &row, &is_there, &error));
    assert_true(rows.has_ended);
    assert_false(page_rows_finish(&rows, bytes, &error));
    assert_false(page_rows_next(&rows, &bytes, &row, &is_there, &error));
}

static void nothing_may_follow_the_end(void **state)
{
    (void)state;
    assert_too_much(false, TEXT("\\.\n\n\n12\t0\t\\\\x\n\\.\n\n\n"));
    assert_too_much(true, BYTES(HEADER "\377\377 and then some more"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_gives_row_by_row_and_leaves_its_end),
        cmocka_unit_test(binary_gives_row_by_row_and_takes_its_end),
        cmocka_unit_test(a_row_that_is_not_complete_waits),
        cmocka_unit_test(what_is_no_page_is_damage),
        cmocka_unit_test(nothing_may_follow_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
