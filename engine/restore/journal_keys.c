#include "engine/restore/journal_keys.h"

#include "engine/base/memory.h"

#include <assert.h>
#include <stdlib.h>

enum { DUMP_ID_SHIFT = 32, KIND_SHIFT = 28, KIND_MASK = 15 };

uint64_t journal_key(enum journal_kind kind, int dump_id, uint32_t piece)
{
    assert(dump_id >= 0 && piece < JOURNAL_MOST_PIECES);
    return (uint64_t)dump_id << DUMP_ID_SHIFT | (uint64_t)kind << KIND_SHIFT | piece;
}

int journal_key_dump_id(uint64_t key)
{
    return (int)(key >> DUMP_ID_SHIFT);
}

enum journal_kind journal_key_kind(uint64_t key)
{
    return (enum journal_kind)(key >> KIND_SHIFT & KIND_MASK);
}

void journal_keys_clear(struct journal_keys *keys)
{
    free(keys->items);
    *keys = (struct journal_keys){.items = NULL};
}

void journal_keys_add(struct journal_keys *keys, uint64_t key)
{
    if (keys->count == keys->capacity) {
        keys->capacity = keys->capacity ? 2 * keys->capacity : 64;
        keys->items = memory_resize(keys->items, keys->capacity, sizeof keys->items[0]);
    }
    keys->items[keys->count++] = key;
}

static bool read_number(const char **at, uint64_t *number)
{
    const char *begin = *at;

    *number = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        uint64_t digit = (uint64_t)(**at - '0');
        if (*number > ((uint64_t)INT64_MAX - digit) / 10)
            return false;
        *number = 10 * *number + digit;
    }
    return *at > begin;
}

bool journal_keys_add_array(struct journal_keys *keys, const char *array)
{
    const char *at = array;
    uint64_t key;

    if (*at++ != '{')
        return false;
    if (*at == '}')
        return at[1] == '\0';
    do {
        if (!read_number(&at, &key))
            return false;
        journal_keys_add(keys, key);
    } while (*at++ == ',');
    return at[-1] == '}' && *at == '\0';
}

static int compare(const void *one, const void *other)
{
    uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

    return (a > b) - (a < b);
}

void journal_keys_seal(struct journal_keys *keys)
{
    if (keys->count > 1)
        qsort(keys->items, keys->count, sizeof keys->items[0], compare);
}

bool journal_keys_have(const struct journal_keys *keys, uint64_t key)
{
    return keys->count > 0 &&
           bsearch(&key, keys->items, keys->count, sizeof keys->items[0], compare) != NULL;
}
