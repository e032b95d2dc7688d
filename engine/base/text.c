#include "engine/base/text.h"

#include "engine/base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY_BYTES ((size_t)64)

static void reserve(struct text *text, size_t length_bytes)
{
    if (length_bytes < text->capacity_bytes)
        return;

    size_t capacity = text->capacity_bytes;
    while (capacity <= length_bytes)
        capacity *= 2;
    text->data = memory_resize(text->data, capacity, 1);
    text->capacity_bytes = capacity;
}

/* How much of `wanted` bytes may still come; remembers when that is not all. */
static size_t admit(struct text *text, size_t wanted_bytes)
{
    size_t left = text->maximum_bytes - text->length_bytes;

    /* Once cut, nothing follows: a gap in the middle of a text would be worse than a missing end.
     */
    if (text->is_cut)
        return 0;
    if (wanted_bytes <= left)
        return wanted_bytes;
    text->is_cut = true;
    return left;
}

void text_init(struct text *text, size_t maximum_bytes)
{
    *text = (struct text){.maximum_bytes = maximum_bytes, .capacity_bytes = FIRST_CAPACITY_BYTES};
    text->data = memory_allocate(FIRST_CAPACITY_BYTES, 1);
}

void text_init_drained(struct text *text, void (*drain)(void *, const char *, size_t),
                       void *context)
{
    text_init(text, SIZE_MAX);
    text->drain = drain;
    text->drain_context = context;
}

void text_flush(struct text *text)
{
    if (text->length_bytes > 0)
        text->drain(text->drain_context, text->data, text->length_bytes);
    text_truncate(text, 0);
}

static void flush_where_full(struct text *text)
{
    if (text->drain && text->length_bytes >= TEXT_DRAIN_BYTES)
        text_flush(text);
}

void text_clear(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

void text_truncate(struct text *text, size_t length_bytes)
{
    if (length_bytes >= text->length_bytes)
        return;
    text->length_bytes = length_bytes;
    text->data[length_bytes] = '\0';
    /* Only an empty text is whole again: taking back a separator must not hide that something was
     * cut. */
    if (length_bytes == 0)
        text->is_cut = false;
}

void text_append(struct text *text, const char *piece)
{
    text_append_bytes(text, piece, strlen(piece));
}

void text_append_bytes(struct text *text, const void *bytes, size_t length_bytes)
{
    size_t length = admit(text, length_bytes);

    if (length == 0)
        return;
    flush_where_full(text);
    reserve(text, text->length_bytes + length);
    memcpy(text->data + text->length_bytes, bytes, length);
    text->length_bytes += length;
    text->data[text->length_bytes] = '\0';
}

void text_append_char(struct text *text, char character)
{
    text_append_bytes(text, &character, 1);
}

void text_print(struct text *text, const char *format, ...)
{
    va_list arguments, again;

    flush_where_full(text);
    va_start(arguments, format);
    va_copy(again, arguments);
    size_t room = text->capacity_bytes - text->length_bytes;
    int printed = vsnprintf(text->data + text->length_bytes, room, format, arguments);
    va_end(arguments);

    size_t wanted = printed < 0 ? 0 : (size_t)printed;
    size_t length = admit(text, wanted);
    if (wanted >= room && length > 0) {
        reserve(text, text->length_bytes + length);
        vsnprintf(text->data + text->length_bytes, length + 1, format, again);
    }
    va_end(again);
    text->length_bytes += length;
    text->data[text->length_bytes] = '\0';
}

char *text_take(struct text *text)
{
    char *taken = text->data;

    text_init(text, text->maximum_bytes);
    return taken;
}
