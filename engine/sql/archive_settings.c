#include "engine/sql/archive_settings.h"

#include "engine/base/text.h"
#include "engine/sql/statement.h"

#include <string.h>

enum { ENCODING_LENGTH_LIMIT = 63 };

static bool refuse(const struct toc_entry *entry, struct error *error)
{
    return error_set(error, ERROR_DAMAGED, "the archive's %s entry is not what pg_dump writes",
                     entry->desc);
}

/* Moves over an exact text. */
static bool skip(const char **at, const char *expected)
{
    size_t length = strlen(expected);
    if (strncmp(*at, expected, length) != 0)
        return false;
    *at += length;
    return true;
}

/* Moves over a quoted literal; its value is appended. */
static bool read_literal(const char **at, bool conforming_strings, struct text *value)
{
    if (!skip(at, "'"))
        return false;
    for (const char *next = *at; *next; next++) {
        bool is_doubled =
            next[0] == next[1] && (*next == '\'' || (*next == '\\' && !conforming_strings));
        if (is_doubled) {
            next++;
        } else if (*next == '\'') {
            *at = next + 1;
            return true;
        } else if (*next == '\\' && !conforming_strings) {
            return false; /* an escape that pg_dump does not write */
        }
        text_append_char(value, *next);
    }
    return false;
}

static bool is_end_of_statement(const char *at)
{
    return skip(&at, ";") && at[strspn(at, " \r\n")] == '\0';
}

/* `prefix 'value' suffix;` in full; the value is in the arena, NULL when the text is another. */
static const char *read_value(struct arena *arena, const char *definition, const char *prefix,
                              const char *suffix, bool conforming_strings)
{
    struct text value;
    text_init(&value, TEXT_MAXIMUM);
    const char *at = definition;
    const char *found = NULL;
    if (at && skip(&at, prefix) && read_literal(&at, conforming_strings, &value) &&
        skip(&at, suffix) && is_end_of_statement(at))
        found = arena_copy_text(arena, value.data);
    text_clear(&value);
    return found;
}

static bool is_encoding_name(const char *name)
{
    size_t length =
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    return length > 0 && length <= ENCODING_LENGTH_LIMIT && name[length] == '\0';
}

static bool read_encoding(struct archive_settings *settings, struct arena *arena,
                          const struct toc_entry *entry, struct error *error)
{
    settings->encoding = read_value(arena, entry->definition, "SET client_encoding = ", "", true);
    if (!settings->encoding || !is_encoding_name(settings->encoding))
        return refuse(entry, error);
    return true;
}

static bool read_conforming_strings(struct archive_settings *settings, struct arena *arena,
                                    const struct toc_entry *entry, struct error *error)
{
    const char *value =
        read_value(arena, entry->definition, "SET standard_conforming_strings = ", "", true);
    if (!value || (strcmp(value, "on") != 0 && strcmp(value, "off") != 0))
        return refuse(entry, error);
    settings->conforming_strings = strcmp(value, "on") == 0;
    return true;
}

static bool read_search_path(struct archive_settings *settings, struct arena *arena,
                             const struct toc_entry *entry, struct error *error)
{
    settings->search_path =
        read_value(arena, entry->definition, "SELECT pg_catalog.set_config('search_path', ",
                   ", false)", settings->conforming_strings);
    return settings->search_path || refuse(entry, error);
}

static const struct toc_entry *find_special(const struct toc *toc, enum entry_type type)
{
    for (size_t i = 0; i < toc->count; i++)
        if (toc->entries[i]->type == type)
            return toc->entries[i];
    return NULL;
}

bool archive_settings_read(struct archive_settings *settings, struct arena *arena,
                           const struct toc *toc, struct error *error)
{
    const struct toc_entry *encoding = find_special(toc, ENTRY_ENCODING);
    const struct toc_entry *strings = find_special(toc, ENTRY_STDSTRINGS);
    const struct toc_entry *search_path = find_special(toc, ENTRY_SEARCHPATH);
    *settings = (struct archive_settings){.encoding = "SQL_ASCII"};
    /* How strings are escaped comes before the search path, which is one. */
    return (!encoding || read_encoding(settings, arena, encoding, error)) &&
           (!strings || read_conforming_strings(settings, arena, strings, error)) &&
           (!search_path || read_search_path(settings, arena, search_path, error));
}

bool statement_archive_settings(const struct toc *toc, bool *conforming_strings,
                                bool *has_search_path, const char **encoding, struct arena *arena,
                                struct error *error)
{
    struct archive_settings settings;
    if (!archive_settings_read(&settings, arena, toc, error))
        return false;
    *conforming_strings = settings.conforming_strings;
    *has_search_path = settings.search_path != NULL;
    *encoding = settings.encoding;
    return true;
}
