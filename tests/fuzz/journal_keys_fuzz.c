/* The journal's keys, as the array that the server writes: what is read is found again, and written
 * as the same. */
#include "engine/base/text.h"
#include "engine/restore/journal_keys.h"
#include "tests/fuzz/fuzz_target.h"

#include <inttypes.h>

/* Nothing but digits, so that leading zeros are all that may differ. */
static void append_without_zeros(struct text *text, const char *array)
{
    for (const char *at = array; *at != '\0'; at++) {
        bool begins = at == array || at[-1] == '{' || at[-1] == ',';
        while (begins && at[0] == '0' && at[1] >= '0' && at[1] <= '9')
            at++;
        text_append_char(text, *at);
    }
}

static void expect_same_array(const struct journal_keys *keys, const char *array)
{
    struct text written, expected;

    text_init(&written, TEXT_MAXIMUM);
    text_init(&expected, TEXT_MAXIMUM);
    text_append_char(&written, '{');
    for (size_t i = 0; i < keys->count; i++)
        text_print(&written, "%s%" PRIu64, i > 0 ? "," : "", keys->items[i]);
    text_append_char(&written, '}');
    append_without_zeros(&expected, array);
    expect(strcmp(written.data, expected.data) == 0, "what was read is what was written");
    text_clear(&expected);
    text_clear(&written);
}

static void expect_found(struct journal_keys *keys)
{
    journal_keys_seal(keys);
    for (size_t i = 0; i < keys->count; i++) {
        uint64_t key = keys->items[i];
        expect(i == 0 || keys->items[i - 1] <= key, "keys are in order");
        expect(key <= INT64_MAX, "a key is a bigint");
        expect(journal_keys_have(keys, key), "a key that was added is found");
        expect(journal_key_dump_id(key) >= 0, "a key is of an entry, or of none");
        expect(journal_key(journal_key_kind(key), journal_key_dump_id(key),
                           (uint32_t)key % JOURNAL_MOST_PIECES) == key,
               "the parts of a key make the key");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct journal_keys keys = {.items = NULL};
    char *array = copy_as_text(data, size);

    if (journal_keys_add_array(&keys, array)) {
        expect_same_array(&keys, array);
        expect_found(&keys);
    }
    journal_keys_clear(&keys);
    free(array);
    return 0;
}
