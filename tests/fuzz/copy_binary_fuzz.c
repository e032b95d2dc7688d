#include "engine/archive/copy_binary.h"
#include "tests/fuzz/fuzz_target.h"

static int read_in_pieces(const uint8_t *data, size_t size, size_t piece, struct copy_binary *read)
{
    struct error error;

    *read = (struct copy_binary){.rows = 0};
    for (size_t at = 0; at < size; at += piece)
        if (!copy_binary_read(read, data + at, size - at < piece ? size - at : piece, &error))
            return 0;
    return copy_binary_finish(read, &error);
}

/* Whatever the pieces are cut to, the same is found: whole or not, and so many rows. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct copy_binary whole, cut;
    int is_whole = read_in_pieces(data, size, size + 1, &whole);

    expect(read_in_pieces(data, size, 1, &cut) == is_whole, "bytes one by one are the same data");
    expect(whole.rows == cut.rows, "bytes one by one are the same rows");
    expect(read_in_pieces(data, size, 7, &cut) == is_whole, "a few bytes each are the same data");
    expect(whole.rows == cut.rows, "a few bytes each are the same rows");
    expect(whole.rows <= size / 2, "a row takes at least two bytes");
    return 0;
}
