#include "engine/compare/column_names.h"

#include "engine/archive/scanner.h"

#include <string.h>

const char *column_name_unquote(struct arena *arena, struct span name)
{
    char *text = arena_copy_bytes(arena, name.data, name.length);
    size_t length = 0;

    if (text[0] != '"')
        return text;
    for (const char *at = text + 1; *at != '\0'; at++) {
        if (*at == '"' && *++at != '"')
            break;
        text[length++] = *at;
    }
    text[length] = '\0';
    return text;
}

static size_t count_commas(const char *text)
{
    size_t count = 0;

    while ((text = strchr(text, ',')) != NULL) {
        count++;
        text++;
    }
    return count;
}

struct column_names column_names_read(struct arena *arena, struct span list)
{
    struct scanner scanner = {arena_copy_bytes(arena, list.data, list.length)};
    struct column_names names = {
        .items = arena_allocate(arena, count_commas(scanner.rest) + 1, sizeof(char *))};

    if (!scanner_take_words(&scanner, "("))
        return names;
    do {
        scanner_skip_blanks(&scanner);

        const char *start = scanner.rest;

        if (!scanner_take_name(&scanner))
            break;
        names.items[names.count++] = column_name_unquote(
            arena, (struct span){(const unsigned char *)start, (size_t)(scanner.rest - start)});
        scanner_skip_blanks(&scanner);
    } while (scanner_take_words(&scanner, ","));
    return names;
}

static bool has(const struct column_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

const char *column_names_first_lacking(const struct column_names *names,
                                       const struct column_names *others)
{
    for (size_t i = 0; i < names->count; i++)
        if (!has(others, names->items[i]))
            return names->items[i];
    return NULL;
}
