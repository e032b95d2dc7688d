#include "engine/archive/insert_text.h"

/* A doubled quote closes and opens again: no need to know about it. */
static void scan_in_quotes(struct insert_text *scan, char character)
{
    bool is_escaped = scan->is_escaped;

    scan->is_escaped = false;
    if (scan->quote == '\'' && scan->has_backslash_escapes && character == '\\')
        scan->is_escaped = !is_escaped;
    else if (character == scan->quote && !is_escaped)
        scan->quote = '\0';
}

size_t insert_text_scan(struct insert_text *scan, const char *bytes, size_t length)
{
    size_t end = 0;

    for (size_t i = 0; i < length; i++) {
        char character = bytes[i];

        if (scan->quote != '\0') {
            scan_in_quotes(scan, character);
        } else if (character == ';') {
            scan->is_inside = false;
            end = i + 1;
        } else if (character != '\n' && character != ' ') {
            scan->is_inside = true;
            if (character == '\'' || character == '"')
                scan->quote = character;
        }
    }
    return end;
}

bool insert_text_is_complete(const struct insert_text *scan)
{
    return !scan->is_inside;
}
