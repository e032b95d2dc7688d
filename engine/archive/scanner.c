#include "engine/archive/scanner.h"

#include <string.h>

bool scanner_take_words(struct scanner *scanner, const char *words)
{
    size_t length = strlen(words);
    if (strncmp(scanner->rest, words, length) != 0)
        return false;
    scanner->rest += length;
    return true;
}

void scanner_skip_blanks(struct scanner *scanner)
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

bool scanner_take_name(struct scanner *scanner)
{
    if (*scanner->rest == '"')
        return take_quoted(scanner);
    const char *start = scanner->rest;
    while (is_name_character(*scanner->rest))
        scanner->rest++;
    return scanner->rest > start;
}

bool scanner_take_relation(struct scanner *scanner, struct span *relation)
{
    const char *start = scanner->rest;
    do {
        if (!scanner_take_name(scanner))
            return false;
    } while (scanner_take_words(scanner, "."));
    *relation = (struct span){(const unsigned char *)start, (size_t)(scanner->rest - start)};
    return true;
}

/* Leaves *columns empty where none are listed: so a table without columns is written. */
bool scanner_take_columns(struct scanner *scanner, struct span *columns)
{
    const char *start = scanner->rest;
    if (!scanner_take_words(scanner, "("))
        return true;
    do {
        scanner_skip_blanks(scanner);
        if (!scanner_take_name(scanner))
            return false;
        scanner_skip_blanks(scanner);
    } while (scanner_take_words(scanner, ","));
    if (!scanner_take_words(scanner, ")"))
        return false;
    *columns = (struct span){(const unsigned char *)start, (size_t)(scanner->rest - start)};
    return true;
}
