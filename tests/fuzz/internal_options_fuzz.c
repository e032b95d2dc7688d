/* Definitions that lose the column options which a server keeps for itself: nothing but
 * blanks is added, and what has been stripped has nothing more to strip. */
#include "engine/dump/internal_options.h"
#include "tests/fuzz/fuzz_target.h"

static size_t length_without_blanks(const char *text)
{
    size_t length = 0;

    for (; *text != '\0'; text++)
        length += *text != ' ';
    return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *definition = copy_as_text(data, size);
    struct text once, twice;

    text_init(&once, TEXT_MAXIMUM);
    text_init(&twice, TEXT_MAXIMUM);
    if (internal_options_strip(&once, definition)) {
        expect(length_without_blanks(once.data) <= length_without_blanks(definition),
               "a definition does not grow");
        bool has_more = internal_options_strip(&twice, once.data);
        expect(!has_more || strcmp(once.data, twice.data) == 0,
               "what has been stripped stays as it is");
    } else {
        expect(once.length_bytes == 0, "a definition without such options is left alone");
    }
    text_clear(&twice);
    text_clear(&once);
    free(definition);
    return 0;
}
