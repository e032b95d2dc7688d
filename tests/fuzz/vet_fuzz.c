/* The first byte chooses the type of entry and how strings are written, the rest is its definition.
 * What a pass promises is held against another look at the tokens. */
#include "engine/sql/lexer.h"
#include "engine/sql/vet.h"
#include "tests/fuzz/fuzz_target.h"

static void expect_tokens_in_order(const char *text, bool conforming_strings)
{
    struct lexer lexer = {.rest = text, .conforming_strings = conforming_strings};
    const char *end = text + strlen(text);
    const char *behind = text;
    struct token token = lexer_next(&lexer);

    for (; token.kind != TOKEN_END && token.kind != TOKEN_BROKEN; token = lexer_next(&lexer)) {
        expect(token.length > 0, "a token is not empty");
        expect(token.start >= behind && token.start + token.length <= end,
               "tokens lie one behind the other within the text");
        behind = token.start + token.length;
    }
    expect(token.kind == TOKEN_BROKEN || token.start == end, "the end is the end of the text");
}

/* By a way of its own to where statements begin: behind the semicolons that are not in parentheses.
 */
static void expect_harmless(const char *text, bool conforming_strings)
{
    struct lexer lexer = {.rest = text, .conforming_strings = conforming_strings};
    struct token token = lexer_next(&lexer);
    bool begins = true;
    size_t depth = 0;

    for (; token.kind != TOKEN_END; token = lexer_next(&lexer)) {
        expect(token.kind != TOKEN_BROKEN, "what passes has an end");
        expect(!begins || !(token_is_word(&token, "copy") || token_is_word(&token, "do") ||
                            token_is_word(&token, "drop") || token_is_word(&token, "call")),
               "no statement that passes runs code or takes away");
        if (token_is_symbol(&token, '('))
            depth++;
        else if (token_is_symbol(&token, ')') && depth > 0)
            depth--;
        begins = depth == 0 && token_is_symbol(&token, ';');
    }
}

static bool has_statements(enum entry_type type)
{
    return type != ENTRY_BLOBS && type != ENTRY_BLOB_METADATA && type != ENTRY_ENCODING &&
           type != ENTRY_STDSTRINGS && type != ENTRY_SEARCHPATH && type != ENTRY_WARNING &&
           type != ENTRY_FUNCTION && type != ENTRY_PROCEDURE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error;

    if (size == 0)
        return 0;
    bool conforming_strings = data[0] & 1;
    enum entry_type type = (enum entry_type)((data[0] >> 1) % ENTRY_TYPE_COUNT);
    char *text = copy_as_text(data + 1, size - 1);
    const struct toc_entry entry = {
        .type = type, .desc = entry_type_facts(type)->desc, .tag = "t", .definition = text};

    expect_tokens_in_order(text, conforming_strings);
    bool passes = vet_entry(&entry, conforming_strings, &error);
    expect(passes || error.kind == ERROR_HOSTILE, "what does not pass is refused");
    if (passes && has_statements(type))
        expect_harmless(text, conforming_strings);
    (void)!vet_database(&entry, conforming_strings, &error);
    free(text);
    return 0;
}
