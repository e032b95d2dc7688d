/* The columns of a COPY statement, as they are called: quoted again they are the same. */
#include "engine/compare/column_names.h"
#include "engine/sql/quote.h"
#include "tests/fuzz/fuzz_target.h"

static struct column_names read_quoted(struct arena *arena, const struct column_names *names)
{
    struct text list;

    text_init(&list, TEXT_MAXIMUM);
    for (size_t i = 0; i < names->count; i++) {
        text_append(&list, i == 0 ? "(" : ", ");
        quote_identifier(&list, names->items[i]);
    }
    text_append_char(&list, ')');
    struct column_names again = column_names_read(
        arena, (struct span){(const unsigned char *)list.data, list.length_bytes});
    text_clear(&list);
    return again;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create();
    struct column_names names = column_names_read(arena, (struct span){data, size});
    struct column_names again = read_quoted(arena, &names);

    expect(again.count == names.count, "no name is lost");
    for (size_t i = 0; i < names.count; i++)
        expect(strcmp(again.items[i], names.items[i]) == 0, "a name stays the same");
    expect(column_names_first_lacking(&names, &again) == NULL, "no name is lacking");
    arena_free(arena);
    return 0;
}
