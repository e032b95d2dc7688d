/* However the text is cut into pieces, the same statements end in it. */
#include "engine/archive/insert_text.h"
#include "tests/fuzz/fuzz_target.h"

/* Where the last statement ended, counted from the beginning. */
static size_t scan(const char *bytes, size_t size, size_t piece, bool has_escapes,
                   bool *is_complete)
{
    struct insert_text text = {.has_backslash_escapes = has_escapes};
    size_t last = 0;

    for (size_t at = 0; at < size; at += piece) {
        size_t length = size - at < piece ? size - at : piece;
        size_t end = insert_text_scan(&text, bytes + at, length);
        expect(end <= length, "an end lies within the piece");
        if (end > 0)
            last = at + end;
    }
    *is_complete = insert_text_is_complete(&text);
    return last;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    bool is_complete, is_complete_in_pieces;

    for (int has_escapes = 0; has_escapes < 2; has_escapes++) {
        size_t last = scan(bytes, size, size + 1, has_escapes, &is_complete);
        for (size_t piece = 1; piece < 4; piece++) {
            expect(scan(bytes, size, piece, has_escapes, &is_complete_in_pieces) == last,
                   "pieces do not move the end of a statement");
            expect(is_complete == is_complete_in_pieces, "nor what is complete");
        }
        expect(last == 0 || bytes[last - 1] == ';', "a statement ends with its semicolon");
    }
    return 0;
}
