/* Whatever can be cut in two lies within its text, and both halves are statements of one piece. */
#include "engine/base/arena.h"
#include "engine/sql/definition_halves.h"
#include "tests/fuzz/fuzz_target.h"

static void expect_within(const char *text, struct span part)
{
    const char *start = (const char *)part.data;

    expect(part.length == 0 || (start >= text && start + part.length <= text + strlen(text)),
           "a part lies within the text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create();
    char *text = copy_as_text(data, size);
    struct definition_halves halves = {.first = NULL};

    if (definition_halves_of_key(&halves, arena, text)) {
        expect_within(text, halves.relation);
        expect(halves.relation.length > 0 && halves.first && halves.second && halves.undo,
               "a key has both halves");
    }
    halves = (struct definition_halves){.first = NULL};
    if (definition_halves_of_foreign_key(&halves, arena, text)) {
        expect_within(text, halves.relation);
        expect_within(text, halves.referred);
        expect(halves.first && halves.second && halves.undo, "a foreign key has both halves");
    }
    free(text);
    arena_free(arena);
    return 0;
}
