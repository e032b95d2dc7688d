#include "engine/base/arena.h"

#include "engine/base/memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)64 * 1024)

/* Things that must be aligned lie at its beginning, one behind the other; texts at its end, one
 * before the other, so that none of them takes more room than it is long. */
struct block {
    struct block *next;
    size_t used_bytes; /* at the beginning */
    size_t room_bytes; /* without what is used at the end */
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct block *current; /* the head of all blocks: the one that is being filled */
};

static struct block *block_create(size_t room_bytes)
{
    struct block *block = memory_allocate(1, sizeof *block + room_bytes);

    block->room_bytes = room_bytes;
    return block;
}

static bool block_fits(const struct block *block, size_t bytes)
{
    return block != NULL && block->room_bytes - block->used_bytes >= bytes;
}

/* A thing larger than a block gets a block to itself, placed second: the one being filled stays
 * first. */
static struct block *block_for_large(struct arena *arena, size_t bytes)
{
    struct block *block = block_create(bytes);

    if (arena->current == NULL) {
        arena->current = block;
    } else {
        block->next = arena->current->next;
        arena->current->next = block;
    }
    return block;
}

static struct block *block_for(struct arena *arena, size_t bytes)
{
    if (block_fits(arena->current, bytes))
        return arena->current;
    if (bytes > BLOCK_BYTES / 4)
        return block_for_large(arena, bytes);

    struct block *block = block_create(BLOCK_BYTES);
    block->next = arena->current;
    arena->current = block;
    return block;
}

struct arena *arena_create(void)
{
    return memory_allocate(1, sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    for (struct block *block = arena->current; block != NULL;) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}

void *arena_allocate(struct arena *arena, size_t count, size_t size)
{
    const size_t alignment = alignof(max_align_t);
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes) ||
        bytes > SIZE_MAX - sizeof(struct block) - alignment)
        memory_end_program();
    bytes = (bytes + alignment - 1) / alignment * alignment;

    struct block *block = block_for(arena, bytes);
    void *memory = block->bytes + block->used_bytes;
    block->used_bytes += bytes;
    return memory;
}

static char *allocate_text(struct arena *arena, size_t length)
{
    if (length > SIZE_MAX / 2)
        memory_end_program();

    struct block *block = block_for(arena, length + 1);
    block->room_bytes -= length + 1;
    return (char *)block->bytes + block->room_bytes;
}

char *arena_copy_text(struct arena *arena, const char *text)
{
    return text == NULL ? NULL : arena_copy_bytes(arena, text, strlen(text));
}

char *arena_copy_bytes(struct arena *arena, const void *bytes, size_t length)
{
    char *copy = allocate_text(arena, length);

    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *arena_print(struct arena *arena, const char *format, ...)
{
    va_list arguments, measured;

    va_start(arguments, format);
    va_copy(measured, arguments);
    int length = vsnprintf(NULL, 0, format, measured);
    va_end(measured);
    char *printed = allocate_text(arena, length < 0 ? 0 : (size_t)length);
    if (length > 0)
        vsnprintf(printed, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return printed;
}
