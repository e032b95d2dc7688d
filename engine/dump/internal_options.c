#include "engine/dump/internal_options.h"

#include "engine/base/arena.h"

#include <string.h>

static const char internal_option[] = "pg_attver=";
static const char setting[] = " SET (";

/* The end of the statement that begins here: behind its semicolon and line end, quotes of both
 * kinds skipped. */
static const char *statement_end(const char *at)
{
    char quote = '\0';

    for (; *at; at++) {
        if (quote) {
            if (*at == quote)
                quote = '\0';
        } else if (*at == '\'' || *at == '"') {
            quote = *at;
        } else if (*at == ';') {
            return at + 1 + (at[1] == '\n');
        }
    }
    return at;
}

/* The last place of `words` in front of `end`: the option list stands last in its statement,
 * whatever the names before it are. */
static const char *find_last(const char *start, const char *end, const char *words)
{
    size_t length = strlen(words);

    for (const char *at = end - length; at >= start; at--)
        if (memcmp(at, words, length) == 0)
            return at;
    return NULL;
}

/* The option list of `ALTER … ALTER COLUMN … SET (…);`, or NULL where the statement is another. */
static const char *option_list(const char *start, const char *end)
{
    const char *list;

    while (start < end && *start == '\n')
        start++;
    if (strncmp(start, "ALTER ", 6) != 0 || end - start < 12)
        return NULL;
    list = find_last(start, end, setting);
    return list && find_last(start, list, " ALTER COLUMN ") ? list + strlen(setting) : NULL;
}

/* Where the list is closed; NULL where more than that closes the statement. */
static const char *option_list_end(const char *list, const char *end)
{
    const char *close = memchr(list, ')', (size_t)(end - list));

    return close && close + 1 < end && close[1] == ';' ? close : NULL;
}

/* Appends "a=1, b=2" without the internal ones; returns how many are left. */
static size_t keep_options(struct text *kept, const char *list, const char *end)
{
    size_t count = 0;

    while (list < end) {
        size_t length = strcspn(list, ",)");

        if (strncmp(list, internal_option, strlen(internal_option)) != 0) {
            text_append(kept, count++ ? ", " : "");
            text_append_bytes(kept, list, length);
        }
        list += length;
        list += strspn(list, ", ");
    }
    return count;
}

static void copy_statement(struct text *text, const char *start, const char *end)
{
    const char *list = option_list(start, end);
    const char *close = list ? option_list_end(list, end) : NULL;
    struct text kept;

    if (!close || !strstr(list, internal_option) || strstr(list, internal_option) >= close) {
        text_append_bytes(text, start, (size_t)(end - start));
        return;
    }
    text_init(&kept, TEXT_MAXIMUM);
    if (keep_options(&kept, list, close) > 0) {
        text_append_bytes(text, start, (size_t)(list - start));
        text_append(text, kept.data);
        text_append_bytes(text, close, (size_t)(end - close));
    }
    text_clear(&kept);
}

bool internal_options_strip(struct text *text, const char *definition)
{
    if (!strstr(definition, internal_option))
        return false;
    while (*definition) {
        const char *end = statement_end(definition);

        copy_statement(text, definition, end);
        definition = end;
    }
    return true;
}

static bool is_relation(const struct toc_entry *entry)
{
    return entry->type == ENTRY_TABLE || entry->type == ENTRY_FOREIGN_TABLE ||
           entry->type == ENTRY_VIEW || entry->type == ENTRY_MATERIALIZED_VIEW ||
           entry->type == ENTRY_INDEX;
}

void internal_options_strip_all(struct toc *toc)
{
    struct text text;

    text_init(&text, TEXT_MAXIMUM);
    for (size_t i = 0; i < toc->count; i++) {
        struct toc_entry *entry = toc->entries[i];

        text_truncate(&text, 0);
        if (is_relation(entry) && entry->definition &&
            internal_options_strip(&text, entry->definition))
            entry->definition = arena_copy_text(toc->arena, text.data);
    }
    text_clear(&text);
}
