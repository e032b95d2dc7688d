/* One entry to statements. The first byte is its type, the second the options; then come its
 * strings, with zero bytes between them. Whatever they are, what we write around the archive's own
 * text is one statement each: no name ends it. */
#include "engine/sql/lexer.h"
#include "engine/sql/statement.h"
#include "tests/fuzz/fuzz_target.h"

struct strings {
    char *rest;
    const char *end;
};

static const char *next_string(struct strings *strings)
{
    const char *string = strings->rest;

    if (string >= strings->end)
        return NULL;
    strings->rest += strlen(string) + 1;
    return string;
}

/* The entry, and the group of large objects that it may be about. */
static struct toc *create_toc(enum entry_type type, struct strings *strings)
{
    static const int dependencies[] = {2};
    struct toc *toc = toc_create();
    struct toc_entry *entry = toc_add_entry(toc);
    struct toc_entry *group = toc_add_entry(toc);
    struct error error;

    entry->dump_id = 1;
    entry->type = type;
    entry->desc = entry_type_facts(type)->desc ? entry_type_facts(type)->desc : "";
    entry->relkind = type == ENTRY_TABLE ? 'p' : 'r';
    entry->dependencies = dependencies;
    entry->dependency_count = 1;
    const char *tag = next_string(strings);
    entry->tag = tag != NULL ? tag : ""; /* as toc_decode promises */
    entry->schema = next_string(strings);
    entry->owner = next_string(strings);
    entry->tablespace = next_string(strings);
    entry->table_am = next_string(strings);
    entry->drop_statement = next_string(strings);
    entry->definition = next_string(strings);
    group->dump_id = 2;
    group->type = ENTRY_BLOB_METADATA;
    group->desc = entry_type_facts(group->type)->desc;
    group->definition = next_string(strings);
    expect(toc_seal(toc, &error), "the table of contents is good");
    return toc;
}

static struct statement_options options_of(unsigned bits)
{
    return (struct statement_options){.no_owner = bits & 1,
                                      .no_tablespaces = bits & 2,
                                      .no_table_access_method = bits & 4,
                                      .use_session_authorization = bits & 8,
                                      .if_exists = bits & 16,
                                      .conforming_strings = bits & 32,
                                      .has_search_path = bits & 64,
                                      .without_batches = bits & 128};
}

/* By its tokens, unless it holds text that the archive has as SQL: bodies, and the signatures that
 * are taken from drop statements. */
static bool is_ours(const struct toc_entry *entry, const struct statement *statement)
{
    switch (statement->purpose) {
    case STATEMENT_BODY:
    case STATEMENT_DROP:
        return false;
    case STATEMENT_OWNER:
        return entry_type_facts(entry->type)->owner_naming == OWNER_BY_NAME;
    default:
        return true;
    }
}

static void expect_one_statement(const char *sql, bool conforming_strings)
{
    struct lexer lexer = {.rest = sql, .conforming_strings = conforming_strings};
    struct token token = lexer_next(&lexer);

    expect(token.kind == TOKEN_WORD, "a statement begins with a word");
    for (; token.kind != TOKEN_END; token = lexer_next(&lexer)) {
        expect(token.kind != TOKEN_BROKEN, "what is quoted has an end");
        expect(!token_is_symbol(&token, ';'), "a name ends no statement");
    }
}

static void expect_statements(const struct statement_list *list, const struct toc_entry *entry,
                              bool conforming_strings)
{
    for (size_t i = 0; i < list->count; i++) {
        expect(list->items[i].sql != NULL, "a statement has a text");
        if (is_ours(entry, &list->items[i]))
            expect_one_statement(list->items[i].sql, conforming_strings);
    }
}

static void try_entry(const struct toc *toc, const struct statement_options *options)
{
    const struct toc_entry *entry = toc->entries[0];
    struct arena *arena = arena_create();
    struct statement_state state = {.user = NULL};
    struct statement_list list;
    struct error error;

    if (statement_create(&list, arena, toc, entry, options, &state, &error))
        expect_statements(&list, entry, options->conforming_strings);
    if (statement_drop(&list, arena, toc, entry, options, &state, &error))
        expect_statements(&list, entry, options->conforming_strings);
    if (statement_before_data(&list, arena, entry, options, &state, &error))
        expect_statements(&list, entry, options->conforming_strings);
    if (statement_triggers(&list, arena, entry, TRIGGERS_OFF, options, &state, &error))
        expect_statements(&list, entry, options->conforming_strings);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const struct statement_options options = options_of(data[1]);
    char *bytes = copy_as_text(data + 2, size - 2);
    struct strings strings = {.rest = bytes, .end = bytes + size - 1};
    struct toc *toc = create_toc((enum entry_type)(data[0] % ENTRY_TYPE_COUNT), &strings);

    try_entry(toc, &options);
    toc_free(toc);
    free(bytes);
    return 0;
}
