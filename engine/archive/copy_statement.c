#include "engine/archive/copy_statement.h"

#include <string.h>

/* What is still to be read of a statement. */
struct scanner {
    const char *rest;
};

static bool take_words(struct scanner *scanner, const char *words)
{
    size_t length = strlen(words);
    if (strncmp(scanner->rest, words, length) != 0)
        return false;
    scanner->rest += length;
    return true;
}

static void skip_blanks(struct scanner *scanner)
{
    scanner->rest += strspn(scanner->rest, " \n");
}

/* Past a quoted name; a doubled quote is a quote within it. */
static bool take_quoted(struct scanner *scanner)
{
    do {
        const char *end = strchr(scanner->rest + 1, '"');
        if (!end)
            return false;
        scanner->rest = end + 1;
    } while (*scanner->rest == '"');
    return true;
}

static bool is_name_character(char character)
{
    unsigned char byte = (unsigned char)character;
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '$' || byte >= 0x80;
}

static bool take_name(struct scanner *scanner)
{
    if (*scanner->rest == '"')
        return take_quoted(scanner);
    const char *start = scanner->rest;
    while (is_name_character(*scanner->rest))
        scanner->rest++;
    return scanner->rest > start;
}

static bool take_relation(struct scanner *scanner, struct span *relation)
{
    const char *start = scanner->rest;
    do {
        if (!take_name(scanner))
            return false;
    } while (take_words(scanner, "."));
    *relation = (struct span){(const unsigned char *)start, (size_t)(scanner->rest - start)};
    return true;
}

/* Leaves *columns empty where none are listed: so a table without columns is written. */
static bool take_columns(struct scanner *scanner, struct span *columns)
{
    const char *start = scanner->rest;
    if (!take_words(scanner, "("))
        return true;
    do {
        skip_blanks(scanner);
        if (!take_name(scanner))
            return false;
        skip_blanks(scanner);
    } while (take_words(scanner, ","));
    if (!take_words(scanner, ")"))
        return false;
    *columns = (struct span){(const unsigned char *)start, (size_t)(scanner->rest - start)};
    return true;
}

static bool take_options(struct scanner *scanner, bool *is_binary)
{
    skip_blanks(scanner);
    take_words(scanner, "WITH ");
    *is_binary = take_words(scanner, "(FORMAT binary)");
    return take_words(scanner, ";");
}

static bool take_all(struct scanner *scanner, struct copy_statement *parts)
{
    if (!take_words(scanner, "COPY "))
        return false;
    skip_blanks(scanner);
    if (!take_relation(scanner, &parts->relation))
        return false;
    skip_blanks(scanner);
    if (!take_columns(scanner, &parts->columns))
        return false;
    skip_blanks(scanner);
    if (!take_words(scanner, "FROM stdin") || !take_options(scanner, &parts->is_binary))
        return false;
    skip_blanks(scanner);
    return *scanner->rest == '\0';
}

bool copy_statement_parse(const char *text, struct copy_statement *parts, struct error *error)
{
    struct scanner scanner = {text};
    *parts = (struct copy_statement){.relation = {(const unsigned char *)text, 0},
                                     .columns = {(const unsigned char *)text, 0}};
    return take_all(&scanner, parts) ||
           error_set(error, ERROR_DAMAGED,
                     "a copy statement is not understood from its character %zu on",
                     (size_t)(scanner.rest - text) + 1);
}

const char *copy_statement_frozen(struct arena *arena, const struct copy_statement *parts)
{
    const struct span relation = parts->relation, columns = parts->columns;

    return arena_print(arena, "COPY %.*s %.*s FROM stdin WITH (FREEZE%s);", (int)relation.length,
                       (const char *)relation.data, (int)columns.length, (const char *)columns.data,
                       parts->is_binary ? ", FORMAT binary" : "");
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

bool copy_statement_is_via_root(const struct toc_entry *entry, const char *qualified)
{
    const char *statement = entry->copy_statement;
    if (entry->definition && starts_with(entry->definition, LOAD_VIA_ROOT_MARKER))
        return true;
    if (!statement || *statement == '\0')
        return false;
    if (!starts_with(statement, "COPY "))
        return true;
    statement += sizeof("COPY ") - 1;
    return !starts_with(statement, qualified) || statement[strlen(qualified)] != ' ';
}
