#include "engine/archive/copy_statement.h"

#include "engine/archive/scanner.h"

#include <string.h>

static bool take_options(struct scanner *scanner, bool *is_binary)
{
    scanner_skip_blanks(scanner);
    scanner_take_words(scanner, "WITH ");
    *is_binary = scanner_take_words(scanner, "(FORMAT binary)");
    return scanner_take_words(scanner, ";");
}

static bool take_all(struct scanner *scanner, struct copy_statement *parts)
{
    if (!scanner_take_words(scanner, "COPY "))
        return false;
    scanner_skip_blanks(scanner);
    if (!scanner_take_relation(scanner, &parts->relation))
        return false;
    scanner_skip_blanks(scanner);
    if (!scanner_take_columns(scanner, &parts->columns))
        return false;
    scanner_skip_blanks(scanner);
    if (!scanner_take_words(scanner, "FROM stdin") || !take_options(scanner, &parts->is_binary))
        return false;
    scanner_skip_blanks(scanner);
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

const char *copy_statement_binary(struct arena *arena, const struct copy_statement *parts)
{
    return arena_print(arena, "COPY %.*s %.*s FROM stdin WITH (FORMAT binary);\n",
                       (int)parts->relation.length, (const char *)parts->relation.data,
                       (int)parts->columns.length, (const char *)parts->columns.data);
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
