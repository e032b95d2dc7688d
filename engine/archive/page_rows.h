/* The rows of packed large objects as COPY gives them, in text or binary: one row a page. Finds
 * them in a buffer that the caller fills; hostile input is ERROR_DAMAGED. Pure. */
#ifndef PGFAST_ARCHIVE_PAGE_ROWS_H
#define PGFAST_ARCHIVE_PAGE_ROWS_H

#include "engine/archive/large_object_pages.h"
#include "engine/base/error.h"
#include "engine/base/span.h"

#include <stdint.h>

/* No row is longer: text needs two digits for a byte. */
enum { PAGE_ROW_LONGEST_BYTES = 2 * LARGE_OBJECT_PAGE_BYTES + 64 };

struct page_row {
    uint32_t oid, page;
    struct span data; /* in the caller's buffer: hex digits of text, bytes of binary */
};

/* Begins zeroed, but for is_binary. */
struct page_rows {
    bool is_binary;
    bool has_begun; /* binary: the header has been read */
    bool has_ended;
    uint64_t count;
};

/* Takes the next complete row off the front of *left; *is_there false: more bytes are needed, or
 * the rows have ended. What has been taken is what a COPY must be sent. */
bool page_rows_next(struct page_rows *rows, struct span *left, struct page_row *row, bool *is_there,
                    struct error *error) MUST_CHECK;

/* At the end of the data: all must have been there, and nothing more. */
bool page_rows_finish(const struct page_rows *rows, struct span left,
                      struct error *error) MUST_CHECK;

/* The page's bytes; returns how many. */
bool page_row_decode(const struct page_rows *rows, const struct page_row *row,
                     unsigned char page[LARGE_OBJECT_PAGE_BYTES], size_t *length,
                     struct error *error) MUST_CHECK;

#endif
