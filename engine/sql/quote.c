#include "engine/sql/quote.h"

#include "engine/sql/keyword.h"

#include <string.h>

static bool is_plain_first(char character)
{
    return (character >= 'a' && character <= 'z') || character == '_';
}

static bool is_plain_inner(char character)
{
    return is_plain_first(character) || (character >= '0' && character <= '9');
}

/* Stricter than the server's scanner, which takes "$" and letters beyond ASCII too: what a letter
 * is depends on the locale of the server that reads it. */
static bool is_plain_name(const char *name)
{
    if (!is_plain_first(*name))
        return false;
    for (const char *at = name + 1; *at; at++)
        if (!is_plain_inner(*at))
            return false;
    return !keyword_needs_quotes(name);
}

static void append_doubled(struct text *text, const char *value, const char *doubled)
{
    while (*value) {
        size_t plain = strcspn(value, doubled);
        text_append_bytes(text, value, plain);
        value += plain;
        if (!*value)
            break;
        text_append_char(text, *value);
        text_append_char(text, *value++);
    }
}

void quote_identifier(struct text *text, const char *name)
{
    if (is_plain_name(name)) {
        text_append(text, name);
        return;
    }
    text_append_char(text, '"');
    append_doubled(text, name, "\"");
    text_append_char(text, '"');
}

void quote_qualified(struct text *text, const char *schema, const char *name)
{
    if (schema && *schema) {
        quote_identifier(text, schema);
        text_append_char(text, '.');
    }
    quote_identifier(text, name);
}

void quote_literal(struct text *text, const char *value, bool conforming_strings)
{
    text_append_char(text, '\'');
    append_doubled(text, value, conforming_strings ? "'" : "'\\");
    text_append_char(text, '\'');
}

void quote_for_comment(struct text *text, const char *name)
{
    for (; *name; name++)
        text_append_char(text, *name == '\n' || *name == '\r' ? ' ' : *name);
}
