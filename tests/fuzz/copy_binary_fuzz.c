#include "engine/archive/row_digest.h"
#include "tests/fuzz/fuzz_target.h"

static bool read_in_pieces(const uint8_t *data, size_t size, size_t piece, struct copy_binary *read)
{
    struct error error;

    *read = (struct copy_binary){.rows = 0};
    for (size_t at = 0; at < size; at += piece)
        if (!copy_binary_read(read, data + at, size - at < piece ? size - at : piece, &error))
            return false;
    return copy_binary_finish(read, &error);
}

static void expect_same_digest(const uint8_t *data, size_t size, const struct copy_binary *whole)
{
    struct row_digester digester;
    struct row_digest digest, expected;
    struct error error;

    row_digester_init(&digester, ROW_FORM_BINARY);
    expect(row_digester_update(&digester, data, size, &error) &&
               row_digester_finish(&digester, &expected, &error),
           "what can be counted can be digested");
    expect(expected.rows == whole->rows, "a digest has as many rows");
    row_digester_init(&digester, ROW_FORM_BINARY);
    for (size_t at = 0; at < size; at++)
        expect(row_digester_update(&digester, data + at, 1, &error), "bytes one by one as well");
    expect(row_digester_finish(&digester, &digest, &error) &&
               row_digest_is_equal(&digest, &expected),
           "bytes one by one have the same digest");
}

/* Whatever the pieces are cut to, the same is found: whole or not, and so many rows. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct copy_binary whole, cut;
    bool is_whole = read_in_pieces(data, size, size + 1, &whole);

    expect(read_in_pieces(data, size, 1, &cut) == is_whole, "bytes one by one are the same data");
    expect(whole.rows == cut.rows, "bytes one by one are the same rows");
    expect(read_in_pieces(data, size, 7, &cut) == is_whole, "a few bytes each are the same data");
    expect(whole.rows == cut.rows, "a few bytes each are the same rows");
    if (is_whole)
        expect_same_digest(data, size, &whole);
    expect(whole.rows <= size / 2, "a row takes at least two bytes");
    return 0;
}
