#include "engine/base/text.h"

#include <stdint.h>
#include <string.h>

enum { LARGEST_CHARACTER = 0x10FFFF, FIRST_SURROGATE = 0xD800, LAST_SURROGATE = 0xDFFF };

/* A character: its code, and how many bytes it takes; 0 bytes where there is no valid one. */
struct character {
    uint32_t code;
    size_t bytes;
};

/* By the first byte: how many follow, and the smallest code that needs so many. */
static struct character begin_character(unsigned char first, uint32_t *smallest)
{
    if (first < 0x80) {
        *smallest = 0;
        return (struct character){first, 1};
    }
    if (first >= 0xC0 && first < 0xE0) {
        *smallest = 0x80;
        return (struct character){first & 0x1Fu, 2};
    }
    if (first >= 0xE0 && first < 0xF0) {
        *smallest = 0x800;
        return (struct character){first & 0x0Fu, 3};
    }
    if (first >= 0xF0 && first < 0xF8) {
        *smallest = 0x10000;
        return (struct character){first & 0x07u, 4};
    }
    return (struct character){0, 0};
}

static struct character read_character(const unsigned char *bytes, size_t length)
{
    const struct character none = {0, 0};
    uint32_t smallest = 0;
    struct character character = begin_character(bytes[0], &smallest);

    if (character.bytes == 0 || character.bytes > length)
        return none;
    for (size_t i = 1; i < character.bytes; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return none;
        character.code = character.code << 6 | (bytes[i] & 0x3Fu);
    }
    bool is_surrogate = character.code >= FIRST_SURROGATE && character.code <= LAST_SURROGATE;
    if (character.code < smallest || character.code > LARGEST_CHARACTER || is_surrogate)
        return none;
    return character;
}

/* C0, DEL, and C1, which a terminal may take for escape sequences also in UTF-8. */
static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

static bool breaks_lines(uint32_t code)
{
    return code == 0x2028 || code == 0x2029;
}

/* All that changes the direction of what stands beside it, or cannot be seen. */
static bool turns_direction(uint32_t code)
{
    return code == 0x061C || code == 0x200E || code == 0x200F ||
           (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0xFEFF;
}

/* The bytes taken from the front. */
static size_t append_next(struct text *text, const unsigned char *bytes, size_t length,
                          bool keeps_direction)
{
    struct character character = read_character(bytes, length);

    if (character.bytes == 0) {
        text_print(text, "\\x%02x", bytes[0]);
        return 1;
    }
    if (is_control(character.code))
        text_print(text, "\\x%02x", (unsigned)character.code);
    else if (breaks_lines(character.code) || (turns_direction(character.code) && !keeps_direction))
        text_print(text, "\\u{%04x}", (unsigned)character.code);
    else
        text_append_bytes(text, bytes, character.bytes);
    return character.bytes;
}

static size_t count_plain(const unsigned char *bytes, size_t length)
{
    size_t count = 0;

    while (count < length && bytes[count] >= 0x20 && bytes[count] < 0x7F)
        count++;
    return count;
}

static void append_all(struct text *text, const char *bytes, size_t length_bytes,
                       bool keeps_direction)
{
    const unsigned char *rest = (const unsigned char *)bytes;
    const unsigned char *end = rest + length_bytes;

    while (rest < end) {
        size_t plain = count_plain(rest, (size_t)(end - rest));

        text_append_bytes(text, rest, plain);
        rest += plain;
        if (rest < end)
            rest += append_next(text, rest, (size_t)(end - rest), keeps_direction);
    }
}

void text_append_escaped(struct text *text, const char *piece)
{
    append_all(text, piece, strlen(piece), false);
}

void text_append_escaped_bytes(struct text *text, const char *bytes, size_t length_bytes)
{
    append_all(text, bytes, length_bytes, false);
}

void text_append_listed(struct text *text, const char *bytes, size_t length_bytes)
{
    append_all(text, bytes, length_bytes, true);
}
