/* The stored text of a COPY. The first byte is the size of pieces; however the rest is cut, the
 * same rows are found, and they have the same digest; and they are all that stands before the end.
 */
#include "engine/archive/copy_text.h"
#include "engine/archive/row_digest.h"
#include "tests/fuzz/fuzz_target.h"

static const char end_text[] = "\\.\n\n\n";

/* Keeps back what the parser does not vouch for yet, as its callers do. */
struct feeding {
    unsigned char *bytes; /* what is kept, and room for all of the text */
    size_t kept, rows_bytes;
    enum copy_text_place place;
    struct row_digester digester;
};

static void take_rows(struct feeding *feeding, size_t length)
{
    struct error error;

    expect(length <= feeding->kept, "rows are bytes that are there");
    expect(row_digester_update(&feeding->digester, feeding->bytes, length, &error),
           "text can be digested");
    feeding->rows_bytes += length;
    feeding->kept -= length;
    memmove(feeding->bytes, feeding->bytes + length, feeding->kept);
    if (length > 0)
        feeding->place = COPY_TEXT_MIDDLE;
}

static bool feed(struct feeding *feeding, const uint8_t *data, size_t size, size_t piece,
                 struct error *error)
{
    size_t rows_bytes;

    for (size_t at = 0; at < size; at += piece) {
        size_t length = size - at < piece ? size - at : piece;
        memcpy(feeding->bytes + feeding->kept, data + at, length);
        feeding->kept += length;
        if (!copy_text_rows(feeding->bytes, feeding->kept, feeding->place, &rows_bytes, error))
            return false;
        take_rows(feeding, rows_bytes);
    }
    if (!copy_text_last_rows(feeding->bytes, feeding->kept, feeding->place, &rows_bytes, error))
        return false;
    take_rows(feeding, rows_bytes);
    return true;
}

static bool read_in_pieces(const uint8_t *data, size_t size, size_t piece,
                           struct row_digest *digest, size_t *rows_bytes)
{
    struct feeding feeding = {.bytes = malloc(size + 1), .place = COPY_TEXT_BEGINNING};
    struct error error;

    expect(feeding.bytes != NULL, "there is memory");
    row_digester_init(&feeding.digester, ROW_FORM_TEXT);
    bool is_read = feed(&feeding, data, size, piece, &error);
    free(feeding.bytes);
    expect(is_read || error.kind == ERROR_DAMAGED, "what is no such text is damage");
    *rows_bytes = feeding.rows_bytes;
    if (is_read)
        expect(row_digester_finish(&feeding.digester, digest, &error), "the last row is complete");
    return is_read;
}

/* As those read it that have all of it at once. */
static bool read_at_once(const uint8_t *data, size_t size)
{
    unsigned char *bytes = (unsigned char *)copy_as_text(data, size);
    struct error error;
    size_t rows_bytes;
    bool is_read = copy_text_last_rows(bytes, size, COPY_TEXT_BEGINNING, &rows_bytes, &error);

    free(bytes);
    return is_read;
}

static size_t count_line_breaks(const uint8_t *data, size_t size)
{
    size_t count = 0;

    for (size_t i = 0; i < size; i++)
        count += data[i] == '\n';
    return count;
}

static void expect_all_rows(const uint8_t *data, size_t size, size_t rows_bytes)
{
    const size_t end_bytes = sizeof end_text - 1;

    expect(rows_bytes + end_bytes == size && memcmp(data + rows_bytes, end_text, end_bytes) == 0,
           "all bytes but the end are rows");
    expect(memchr(data, '\0', size) == NULL, "no zero byte is in a text");
    for (size_t at = 0; at + 3 <= rows_bytes; at++)
        if (memcmp(data + at, end_text, 3) == 0)
            expect(at > 0 && (data[at - 1] == '\\' || data[at - 1] >= 0x80),
                   "no end stands before the end");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct row_digest whole, cut;
    size_t whole_bytes, cut_bytes;

    if (size == 0)
        return 0;
    size_t piece = 1 + data[0];
    data++;
    size--;
    bool is_whole = read_in_pieces(data, size, size + 1, &whole, &whole_bytes);
    expect(read_in_pieces(data, size, piece, &cut, &cut_bytes) == is_whole,
           "pieces are the same text");
    expect(read_at_once(data, size) == is_whole, "all at once is the same text");
    if (!is_whole)
        return 0;
    expect_all_rows(data, size, whole_bytes);
    expect(cut_bytes == whole_bytes && row_digest_is_equal(&cut, &whole),
           "pieces are the same rows");
    expect(whole.rows == count_line_breaks(data, whole_bytes), "each line is a row");
    return 0;
}
