/* Rows of packed large objects, in text or binary: what is taken lies within the data, and decodes
 * to a page or is damage. */
#include "engine/archive/page_rows.h"
#include "tests/fuzz/fuzz_target.h"

static void decode(const struct page_rows *rows, const struct page_row *row)
{
    unsigned char page[LARGE_OBJECT_PAGE_BYTES];
    struct error error;
    size_t length;

    if (page_row_decode(rows, row, page, &length, &error))
        expect(length <= sizeof page, "a page is no larger than pages are");
    else
        expect(error.kind == ERROR_DAMAGED, "what is no page is damage");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct page_rows rows = {.is_binary = data[0] & 1};
    struct span left = {data + 1, size - 1};
    struct page_row row;
    struct error error;
    bool is_there = true;

    while (is_there) {
        size_t before = left.length;
        if (!page_rows_next(&rows, &left, &row, &is_there, &error)) {
            expect(error.kind == ERROR_DAMAGED, "what is no row is damage");
            return 0;
        }
        expect(left.length <= before, "bytes are only taken");
        expect(!is_there || left.length < before, "a row takes bytes");
        if (is_there)
            decode(&rows, &row);
    }
    (void)!page_rows_finish(&rows, left, &error);
    return 0;
}
