/* Where a sequence stands, by its entry: a part of what the entry says, or damage. */
#include "engine/compare/sequences.h"
#include "tests/fuzz/fuzz_target.h"

static struct toc *create_toc(const char *definition)
{
    struct toc *toc = toc_create();
    struct toc_entry *entry = toc_add_entry(toc);
    struct error error;

    *entry = (struct toc_entry){.dump_id = 1,
                                .type = ENTRY_SEQUENCE_SET,
                                .desc = "SEQUENCE SET",
                                .schema = "public",
                                .tag = "s",
                                .definition = definition};
    expect(toc_seal(toc, &error), "the table of contents is good");
    return toc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *definition = copy_as_text(data, size);
    struct toc *toc = create_toc(definition);
    struct arena *arena = arena_create();
    struct live_relation relation = {.oid = 16384, .schema = "public", .name = "s", .kind = 'S'};
    struct live live = {.relations = &relation, .count = 1};
    struct sequences sequences;
    struct error error;

    live_seal(&live, arena);
    if (sequences_make(&sequences, arena, toc, &live, &error)) {
        expect(sequences.count == 1, "no entry is lost");
        expect(strstr(definition, sequences.items[0].archived) != NULL,
               "where it stands is what the entry says");
    } else {
        expect(error.kind == ERROR_DAMAGED, "what is not understood is damage");
    }
    arena_free(arena);
    toc_free(toc);
    free(definition);
    return 0;
}
