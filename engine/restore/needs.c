#include "engine/restore/needs.h"

#include "engine/base/text.h"
#include "engine/sql/mentions.h"
#include "engine/sql/ownership.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct finding {
    struct needs *needs;
    struct arena *arena;
    const struct toc *toc;
    const struct statement_options *options;
    const bool *is_selected;   /* by dump id: the entry's definition */
    struct name_set languages; /* that the archive makes, or extensions of it may */
    struct name_set table_ams;
};

void needs_seal(struct needs *needs)
{
    for (int i = 0; i < NEED_COUNT; i++)
        name_set_seal(&needs->names[i]);
}

void needs_clear(struct needs *needs)
{
    for (int i = 0; i < NEED_COUNT; i++)
        name_set_clear(&needs->names[i]);
}

static bool is_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

/* ---- what the archive makes ---- */

static const bool *note_selected(struct arena *arena, const struct toc *toc,
                                 const struct selection *selection)
{
    bool *is_selected =
        arena_allocate(arena, (size_t)toc->largest_dump_id + 1, sizeof is_selected[0]);

    for (size_t i = 0; i < selection->count; i++)
        is_selected[selection->entries[i].entry->dump_id] =
            (selection->entries[i].wanted & WANT_SCHEMA) != 0;
    return is_selected;
}

static void note_maker(struct finding *finding, const struct toc_entry *entry)
{
    if (is_empty(entry->tag))
        return;
    if (entry->type == ENTRY_PROCEDURAL_LANGUAGE || entry->type == ENTRY_EXTENSION)
        name_set_add(&finding->languages, entry->tag);
    if (entry->type == ENTRY_ACCESS_METHOD || entry->type == ENTRY_EXTENSION)
        name_set_add(&finding->table_ams, entry->tag);
}

/* An extension may bring what has another name than itself: what belongs to it leads to it. */
static bool depends_on_extension(const struct finding *finding, const struct toc_entry *entry)
{
    for (size_t i = 0; i < entry->dependency_count; i++) {
        const struct toc_entry *on = toc_find(finding->toc, entry->dependencies[i]);
        if (on != NULL && on->type == ENTRY_EXTENSION && finding->is_selected[on->dump_id])
            return true;
    }
    return false;
}

/* ---- what it needs ---- */

static void need(struct finding *finding, enum need need, const char *name)
{
    if (!is_empty(name))
        name_set_add(&finding->needs->names[need], name);
}

static void need_storage(struct finding *finding, const struct toc_entry *entry)
{
    if (!finding->options->no_tablespaces)
        need(finding, NEED_TABLESPACE, entry->tablespace);
    if (!finding->options->no_table_access_method && !is_empty(entry->table_am) &&
        !name_set_has(&finding->table_ams, entry->table_am) &&
        !depends_on_extension(finding, entry))
        need(finding, NEED_TABLE_AM, entry->table_am);
}

static void need_language(struct finding *finding, const struct toc_entry *entry)
{
    if (entry->type != ENTRY_FUNCTION && entry->type != ENTRY_PROCEDURE)
        return;
    const char *language =
        mentions_language(finding->arena, entry->definition, finding->options->conforming_strings);

    if (language != NULL && !name_set_has(&finding->languages, language) &&
        !depends_on_extension(finding, entry))
        need(finding, NEED_LANGUAGE, language);
}

static void need_roles(struct finding *finding, const struct toc_entry *entry)
{
    const struct statement_options *options = finding->options;
    bool becomes_owner = options->use_session_authorization && !options->no_owner;

    if (becomes_owner || ownership_is_given(options, entry))
        need(finding, NEED_ROLE, entry->owner);
    mentions_add_roles(&finding->needs->names[NEED_ROLE], finding->arena, entry,
                       options->conforming_strings);
}

static void need_of_entry(struct finding *finding, const struct selected_entry *selected)
{
    const struct toc_entry *entry = selected->entry;

    if ((selected->wanted & (WANT_SCHEMA | WANT_DATA)) == 0)
        return;
    need_roles(finding, entry);
    if ((selected->wanted & WANT_SCHEMA) == 0)
        return;
    if (entry->type == ENTRY_EXTENSION)
        need(finding, NEED_EXTENSION, entry->tag);
    need_storage(finding, entry);
    need_language(finding, entry);
}

void needs_find(struct needs *needs, struct arena *arena, const struct toc *toc,
                const struct selection *selection, const struct statement_options *options)
{
    struct finding finding = {
        .needs = needs,
        .arena = arena,
        .toc = toc,
        .options = options,
        .is_selected = note_selected(arena, toc, selection),
    };

    *needs = (struct needs){.names = {{.count = 0}}};
    for (size_t i = 0; i < selection->count; i++)
        if (finding.is_selected[selection->entries[i].entry->dump_id])
            note_maker(&finding, selection->entries[i].entry);
    name_set_seal(&finding.languages);
    name_set_seal(&finding.table_ams);
    for (size_t i = 0; i < selection->count; i++)
        need_of_entry(&finding, &selection->entries[i]);
    needs_seal(needs);
    name_set_clear(&finding.languages);
    name_set_clear(&finding.table_ams);
}

void needs_of_new_database(struct needs *has)
{
    static const char *const languages[] = {"internal", "c", "sql", "plpgsql"};

    name_set_clear(&has->names[NEED_TABLE_AM]);
    name_set_clear(&has->names[NEED_LANGUAGE]);
    name_set_add(&has->names[NEED_TABLE_AM], "heap");
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++)
        name_set_add(&has->names[NEED_LANGUAGE], languages[i]);
    needs_seal(has);
}

/* ---- what is missing ---- */

struct class_of_needs {
    const char *of_one, *of_many; /* what the names are */
    const char *way_out;
};

static const struct class_of_needs classes[NEED_COUNT] = {
    [NEED_ROLE] =
        {"role", "roles",
         "CREATE ROLE, or leave out what names them: --no-owner, --no-privileges, --no-policies"},
    [NEED_EXTENSION] = {"extension", "extensions", "install the package on the server's machine"},
    [NEED_TABLESPACE] = {"tablespace", "tablespaces",
                         "CREATE TABLESPACE, or restore with --no-tablespaces"},
    [NEED_TABLE_AM] = {"table access method", "table access methods",
                       "CREATE ACCESS METHOD, or restore with --no-table-access-method"},
    [NEED_LANGUAGE] = {"language", "languages", "CREATE EXTENSION or CREATE LANGUAGE"},
};

/* How much of the line is for names; the last of them, a name of the server's, and what follows
 * have room in the rest. */
enum { NAMES_BYTES = 600 };

static void find_missing(struct name_set *missing, const struct name_set *needed,
                         const struct name_set *has)
{
    for (size_t i = 0; i < needed->count; i++)
        if (!name_set_has(has, needed->items[i]))
            name_set_add(missing, needed->items[i]);
}

bool needs_describe_missing(char line[NEEDS_LINE_BYTES], enum need need, const struct needs *needs,
                            const struct needs *has)
{
    const struct class_of_needs *class = &classes[need];
    struct name_set missing = {.items = NULL};
    struct text text;

    find_missing(&missing, &needs->names[need], &has->names[need]);
    if (missing.count == 0)
        return false;
    text_init(&text, NEEDS_LINE_BYTES - 1);
    if (missing.count == 1)
        text_print(&text, "the target lacks %s ", class->of_one);
    else
        text_print(&text, "the target lacks %zu %s: ", missing.count, class->of_many);
    name_set_print(&missing, &text, "\"", NAMES_BYTES);
    text_print(&text, " (%s)", class->way_out);
    snprintf(line, NEEDS_LINE_BYTES, "%s", text.data);
    text_clear(&text);
    name_set_clear(&missing);
    return true;
}

/* ---- encodings ---- */

static bool is_encoding(const char *encoding, const char *name)
{
    return strcasecmp(encoding, name) == 0;
}

/* Bytes go into SQL_ASCII as they are, and all that has characters has a conversion to UTF8 but
 * MULE_INTERNAL. Out of SQL_ASCII come bytes that may be no characters at all. */
bool needs_encoding_may_refuse(const char *archive, const char *database)
{
    if (is_encoding(archive, database) || is_encoding(database, "SQL_ASCII"))
        return false;
    return !is_encoding(database, "UTF8") || is_encoding(archive, "SQL_ASCII") ||
           is_encoding(archive, "MULE_INTERNAL");
}
