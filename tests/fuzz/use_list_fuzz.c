/* The list of -L, against a reading of its lines that goes another way. */
#include "engine/restore/use_list.h"
#include "tests/fuzz/fuzz_target.h"

/* Some dump ids, with gaps between them. */
static struct toc *create_toc(void)
{
    static const int dump_ids[] = {1, 2, 3, 5, 10, 12, 99, 300};
    struct toc *toc = toc_create();
    struct error error;

    for (size_t i = 0; i < sizeof dump_ids / sizeof dump_ids[0]; i++) {
        struct toc_entry *entry = toc_add_entry(toc);
        entry->dump_id = dump_ids[i];
        entry->desc = "TABLE";
    }
    expect(toc_seal(toc, &error), "the table of contents is good");
    return toc;
}

static size_t count_lines_with_words(const char *text)
{
    size_t count = 0;

    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        count += strspn(text, " \t\r") < strcspn(text, ";\n");
        text += length + (text[length] == '\n');
    }
    return count;
}

static void expect_listed_once(const struct use_list *list, const struct toc *toc)
{
    size_t marked = 0;

    for (size_t i = 0; i < list->count; i++) {
        expect(toc_find(toc, list->entries[i]->dump_id) == list->entries[i],
               "what is listed is in the archive");
        expect(list->is_listed[list->entries[i]->dump_id], "what is listed is marked");
    }
    for (int dump_id = 0; dump_id <= toc->largest_dump_id; dump_id++)
        marked += list->is_listed[dump_id];
    expect(marked == list->count, "nothing is listed twice");
}

static void expect_warnings_for_people(const struct use_list *list)
{
    for (size_t i = 0; i < list->warning_count; i++)
        for (const char *at = list->warnings[i]; *at != '\0'; at++)
            expect((unsigned char)*at >= 0x20 && *at != 0x7F, "no control character is shown");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct toc *toc = create_toc();
    struct arena *arena = arena_create();
    char *text = copy_as_text(data, size);
    struct use_list list;
    struct error error;

    if (use_list_parse(&list, arena, toc, text, &error)) {
        expect_listed_once(&list, toc);
        expect_warnings_for_people(&list);
        expect(list.count + list.warning_count == count_lines_with_words(text),
               "each line with words is an entry or a warning");
    } else {
        expect(error.kind == ERROR_USAGE, "a list that is no good is the user's");
    }
    free(text);
    arena_free(arena);
    toc_free(toc);
    return 0;
}
