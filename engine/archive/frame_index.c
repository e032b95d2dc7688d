#include "engine/archive/frame_index.h"

#include "engine/base/memory.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void frame_index_add(struct frame_index *index, size_t stored_bytes, size_t raw_bytes)
{
    assert(stored_bytes <= UINT32_MAX && raw_bytes <= UINT32_MAX);
    if (index->count == index->capacity) {
        index->capacity = index->capacity ? 2 * index->capacity : 1;
        index->frames = memory_resize(index->frames, index->capacity, sizeof(struct frame_sizes));
    }
    index->frames[index->count++] =
        (struct frame_sizes){(uint32_t)stored_bytes, (uint32_t)raw_bytes};
}

void frame_index_clear(struct frame_index *index)
{
    free(index->frames);
    *index = (struct frame_index){.count = 0};
}

struct frame_index frame_index_copy(const struct frame_index *index, struct arena *arena)
{
    struct frame_index copy = {.count = index->count, .capacity = index->count};

    copy.frames = arena_allocate(arena, index->count + 1, sizeof(struct frame_sizes));
    if (index->count > 0)
        memcpy(copy.frames, index->frames, index->count * sizeof(struct frame_sizes));
    return copy;
}

uint64_t frame_index_stored_bytes(const struct frame_index *index)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < index->count; i++)
        bytes += index->frames[i].stored_bytes;
    return bytes;
}

uint64_t frame_index_raw_bytes(const struct frame_index *index)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < index->count; i++)
        bytes += index->frames[i].raw_bytes;
    return bytes;
}

void frame_index_print(const struct frame_index *index, struct text *json)
{
    text_append_char(json, '[');
    for (size_t i = 0; i < index->count; i++)
        text_print(json, "%s[%" PRIu32 ",%" PRIu32 "]", i == 0 ? "" : ",",
                   index->frames[i].stored_bytes, index->frames[i].raw_bytes);
    text_append_char(json, ']');
}

/* Walking */

static void enter(struct frame_walk *walk)
{
    if (walk->next == walk->index->count)
        walk->index = NULL;
    else
        walk->left = walk->index->frames[walk->next++];
}

void frame_walk_begin(struct frame_walk *walk, const struct frame_index *index)
{
    *walk = (struct frame_walk){.index = index};
    enter(walk);
}

struct span frame_walk_limit(const struct frame_walk *walk, struct span stored)
{
    if (walk->index && stored.length > walk->left.stored_bytes)
        stored.length = walk->left.stored_bytes;
    return stored;
}

bool frame_walk_advance(struct frame_walk *walk, size_t stored_bytes, size_t raw_bytes)
{
    if (!walk->index)
        return true;
    if (stored_bytes > walk->left.stored_bytes || raw_bytes > walk->left.raw_bytes)
        return false;
    walk->left.stored_bytes -= (uint32_t)stored_bytes;
    walk->left.raw_bytes -= (uint32_t)raw_bytes;
    return true;
}

bool frame_walk_is_at_end_of_frame(const struct frame_walk *walk)
{
    return walk->index && walk->left.stored_bytes == 0;
}

bool frame_walk_enter_next(struct frame_walk *walk)
{
    if (walk->left.raw_bytes > 0)
        return false;
    enter(walk);
    return true;
}

bool frame_walk_pass(struct frame_walk *walk, size_t stored_bytes, size_t raw_bytes)
{
    while (walk->index && stored_bytes > 0) {
        struct frame_sizes frame = walk->left;

        if (frame.stored_bytes > stored_bytes || frame.raw_bytes > raw_bytes)
            return false;
        stored_bytes -= frame.stored_bytes;
        raw_bytes -= frame.raw_bytes;
        enter(walk);
    }
    return stored_bytes == 0 ? raw_bytes == 0 : true;
}

/* Parsing by hand: a JSON library would take a hundred bytes for each number. */

static bool take(struct span *json, char character)
{
    if (json->length == 0 || *json->data != (unsigned char)character)
        return false;
    json->data++;
    json->length--;
    return true;
}

static bool is_digit(const struct span *json)
{
    return json->length > 0 && *json->data >= '0' && *json->data <= '9';
}

static bool take_number(struct span *json, uint32_t *number)
{
    uint64_t value = 0;

    if (!is_digit(json))
        return false;
    for (; is_digit(json); json->data++, json->length--) {
        value = value * 10 + (uint64_t)(*json->data - '0');
        if (value > UINT32_MAX)
            return false;
    }
    *number = (uint32_t)value;
    return true;
}

static bool take_frame(struct span *json, struct frame_sizes *frame)
{
    return take(json, '[') && take_number(json, &frame->stored_bytes) && take(json, ',') &&
           take_number(json, &frame->raw_bytes) && take(json, ']') && frame->stored_bytes > 0;
}

/* As many as there are brackets to open them, which bounds the memory by the length of the text. */
static size_t count_frames(struct span json)
{
    size_t brackets = 0;

    for (size_t i = 0; i < json.length; i++)
        brackets += json.data[i] == '[';
    return brackets;
}

bool frame_index_parse(struct frame_index *index, struct arena *arena, struct span json)
{
    size_t brackets = count_frames(json);

    *index =
        (struct frame_index){.frames = arena_allocate(arena, brackets, sizeof(struct frame_sizes))};
    if (!take(&json, '['))
        return false;
    for (; index->count + 1 < brackets; index->count++)
        if ((index->count > 0 && !take(&json, ',')) ||
            !take_frame(&json, &index->frames[index->count]))
            return false;
    return take(&json, ']') && json.length == 0;
}
