/* The special entries. The first byte chooses how each of the three comes by its definition: from
 * the rest of the input, as a good one, or not at all. A value that is taken can be set again. */
#include "engine/sql/archive_settings.h"
#include "engine/sql/lexer.h"
#include "engine/sql/statement.h"
#include "tests/fuzz/fuzz_target.h"

struct special {
    enum entry_type type;
    const char *good;
};

static const struct special specials[] = {
    {ENTRY_ENCODING, "SET client_encoding = 'UTF8';\n"},
    {ENTRY_STDSTRINGS, "SET standard_conforming_strings = 'on';\n"},
    {ENTRY_SEARCHPATH, "SELECT pg_catalog.set_config('search_path', '', false);\n"},
};

enum { SPECIAL_COUNT = sizeof specials / sizeof specials[0], WAYS = 3 };

static struct toc *create_toc(unsigned ways, const char *definition)
{
    struct toc *toc = toc_create();
    struct error error;

    for (int i = 0; i < SPECIAL_COUNT; i++, ways /= WAYS) {
        if (ways % WAYS == 0)
            continue;
        struct toc_entry *entry = toc_add_entry(toc);
        entry->dump_id = i + 1;
        entry->type = specials[i].type;
        entry->desc = entry_type_facts(entry->type)->desc;
        entry->definition = ways % WAYS == 1 ? definition : specials[i].good;
    }
    expect(toc_seal(toc, &error), "the table of contents is good");
    return toc;
}

static void expect_name(const char *encoding)
{
    size_t length = strlen(encoding);

    expect(length > 0 && length < 64, "an encoding has a name of some length");
    for (size_t i = 0; i < length; i++)
        expect((encoding[i] >= '0' && encoding[i] <= '9') ||
                   ((encoding[i] | 0x20) >= 'a' && (encoding[i] | 0x20) <= 'z') ||
                   encoding[i] == '_' || encoding[i] == '-',
               "an encoding is a plain word");
}

static void expect_one_statement(const char *sql, bool conforming_strings)
{
    struct lexer lexer = {.rest = sql, .conforming_strings = conforming_strings};
    struct token token = lexer_next(&lexer);

    for (; token.kind != TOKEN_END; token = lexer_next(&lexer)) {
        expect(token.kind != TOKEN_BROKEN, "what is set has an end");
        expect(!token_is_symbol(&token, ';'), "a value ends no statement");
    }
}

static void expect_harmless_setup(const struct toc *toc, struct arena *arena)
{
    const struct session_setup setup = {.server_version = 180000};
    struct archive_settings settings;
    struct statement_list list;
    struct error error;

    expect(archive_settings_read(&settings, arena, toc, &error), "what was read is read again");
    expect(statement_session_setup(&list, arena, toc, &setup, &error), "what is read can be set");
    for (size_t i = 0; i < list.count; i++)
        expect_one_statement(list.items[i].sql, settings.conforming_strings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct archive_settings settings;
    struct error error;

    if (size == 0)
        return 0;
    char *definition = copy_as_text(data + 1, size - 1);
    struct toc *toc = create_toc(data[0], definition);
    struct arena *arena = arena_create();
    if (archive_settings_read(&settings, arena, toc, &error)) {
        expect_name(settings.encoding);
        expect_harmless_setup(toc, arena);
    } else {
        expect(error.kind == ERROR_DAMAGED, "what is no setting is damage");
    }
    arena_free(arena);
    toc_free(toc);
    free(definition);
    return 0;
}
