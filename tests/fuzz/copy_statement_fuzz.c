#include "engine/archive/copy_statement.h"
#include "tests/fuzz/fuzz_target.h"

static void expect_within(const char *text, size_t length, struct span part)
{
    const char *start = (const char *)part.data;
    expect(start >= text && start + part.length <= text + length, "a part lies within the text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct copy_statement parts;
    struct error error;
    char *text = copy_as_text(data, size);
    size_t length = strlen(text);
    if (copy_statement_parse(text, &parts, &error)) {
        expect_within(text, length, parts.relation);
        expect_within(text, length, parts.columns);
        expect(parts.relation.length > 0, "a statement has a relation");
    }
    const struct toc_entry entry = {.definition = text, .copy_statement = text};
    (void)copy_statement_is_via_root(&entry, "public.t");
    free(text);
    return 0;
}
