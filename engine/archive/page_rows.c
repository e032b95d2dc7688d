#include "engine/archive/page_rows.h"

#include <string.h>

static const char text_end[] = "\\.\n\n\n";
static const char binary_begin[] = "PGCOPY\n\377\r\n"; /* and its NUL */
enum { BINARY_HEADER_BYTES = 19, BINARY_ROW_HEAD_BYTES = 22, FIELDS = 3, NUMBER_BYTES = 4 };

static bool damaged(struct error *error)
{
    return error_set(error, ERROR_DAMAGED, "data does not hold pages of large objects");
}

static void take(struct span *left, size_t length)
{
    left->data += length;
    left->length -= length;
}

/* Text: "oid TAB page TAB \\xhex" */

static bool take_number(struct span *line, uint32_t *number)
{
    uint64_t value = 0;
    size_t at = 0;

    for (; at < line->length && line->data[at] >= '0' && line->data[at] <= '9'; at++) {
        value = value * 10 + (uint64_t)(line->data[at] - '0');
        if (value > UINT32_MAX)
            return false;
    }
    if (at == 0 || at == line->length || line->data[at] != '\t')
        return false;
    take(line, at + 1);
    *number = (uint32_t)value;
    return true;
}

static bool read_line(struct span line, struct page_row *row)
{
    static const char hex[] = "\\\\x";
    const size_t hex_bytes = sizeof(hex) - 1;

    if (!take_number(&line, &row->oid) || !take_number(&line, &row->page) ||
        line.length < hex_bytes || memcmp(line.data, hex, hex_bytes) != 0)
        return false;
    take(&line, hex_bytes);
    row->data = line;
    return line.length % 2 == 0 && line.length <= (size_t)2 * LARGE_OBJECT_PAGE_BYTES;
}

/* The closing line stays where it is: the server must not get it. */
static bool next_of_text(struct page_rows *rows, struct span *left, struct page_row *row,
                         bool *is_there, struct error *error)
{
    const unsigned char *end = memchr(left->data, '\n', left->length);

    if (end == NULL)
        return left->length <= PAGE_ROW_LONGEST_BYTES || damaged(error);
    struct span line = {left->data, (size_t)(end - left->data)};
    if (line.length == 2 && memcmp(line.data, text_end, 2) == 0) {
        rows->has_ended = true;
        return true;
    }
    if (!read_line(line, row))
        return damaged(error);
    take(left, line.length + 1);
    *is_there = true;
    return true;
}

/* Binary: numbers in network order, each field behind its length */

static uint32_t number_at(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static unsigned fields_at(const unsigned char *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

static bool begin_binary(struct page_rows *rows, struct span *left, struct error *error)
{
    const size_t begin_bytes = sizeof(binary_begin);

    if (left->length < BINARY_HEADER_BYTES)
        return true;
    if (memcmp(left->data, binary_begin, begin_bytes) != 0 ||
        number_at(left->data + begin_bytes) != 0 ||
        number_at(left->data + begin_bytes + NUMBER_BYTES) != 0)
        return damaged(error);
    take(left, BINARY_HEADER_BYTES);
    rows->has_begun = true;
    return true;
}

static bool read_fields(struct span *left, struct page_row *row, bool *is_there)
{
    const unsigned char *at = left->data + 2;

    if (number_at(at) != NUMBER_BYTES || number_at(at + 8) != NUMBER_BYTES)
        return false;
    row->oid = number_at(at + 4);
    row->page = number_at(at + 12);
    size_t length = number_at(at + 16);
    if (length > LARGE_OBJECT_PAGE_BYTES)
        return false;
    if (left->length < BINARY_ROW_HEAD_BYTES + length)
        return true;
    row->data = (struct span){at + 20, length};
    take(left, BINARY_ROW_HEAD_BYTES + length);
    *is_there = true;
    return true;
}

static bool next_of_binary(struct page_rows *rows, struct span *left, struct page_row *row,
                           bool *is_there, struct error *error)
{
    if (!rows->has_begun && !begin_binary(rows, left, error))
        return false;
    if (!rows->has_begun || left->length < 2)
        return true;
    if (fields_at(left->data) == UINT16_MAX) {
        take(left, 2);
        rows->has_ended = true;
        return true;
    }
    if (fields_at(left->data) != FIELDS)
        return damaged(error);
    return left->length < BINARY_ROW_HEAD_BYTES || read_fields(left, row, is_there) ||
           damaged(error);
}

/* Both */

bool page_rows_next(struct page_rows *rows, struct span *left, struct page_row *row, bool *is_there,
                    struct error *error)
{
    *is_there = false;
    if (rows->has_ended)
        return left->length < sizeof(text_end) || damaged(error);
    bool is_right = rows->is_binary ? next_of_binary(rows, left, row, is_there, error)
                                    : next_of_text(rows, left, row, is_there, error);
    rows->count += is_right && *is_there;
    return is_right;
}

bool page_rows_finish(const struct page_rows *rows, struct span left, struct error *error)
{
    size_t end_bytes = rows->is_binary ? 0 : sizeof(text_end) - 1;

    if (rows->has_ended && left.length == end_bytes && memcmp(left.data, text_end, end_bytes) == 0)
        return true;
    return error_set(error, ERROR_DAMAGED, "data does not end where its pages do");
}

static int digit_of(unsigned char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    return -1;
}

bool page_row_decode(const struct page_rows *rows, const struct page_row *row,
                     unsigned char page[LARGE_OBJECT_PAGE_BYTES], size_t *length,
                     struct error *error)
{
    if (rows->is_binary) {
        memcpy(page, row->data.data, row->data.length);
        *length = row->data.length;
        return true;
    }
    *length = row->data.length / 2;
    for (size_t i = 0; i < *length; i++) {
        int high = digit_of(row->data.data[2 * i]), low = digit_of(row->data.data[2 * i + 1]);

        if (high < 0 || low < 0)
            return damaged(error);
        page[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}
