#include "engine/base/name_set.h"

#include "engine/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* The same name comes many times in a row: all objects of a schema have one owner. */
void name_set_add(struct name_set *set, const char *name)
{
    if (set->count > 0 && strcmp(set->items[set->count - 1], name) == 0)
        return;
    if (set->count == set->capacity) {
        set->capacity = set->capacity ? 2 * set->capacity : 16;
        set->items = memory_resize(set->items, set->capacity, sizeof set->items[0]);
    }
    set->items[set->count++] = name;
}

static int compare(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

void name_set_seal(struct name_set *set)
{
    size_t kept = 0;

    if (set->count == 0)
        return;
    qsort(set->items, set->count, sizeof set->items[0], compare);
    for (size_t i = 1; i < set->count; i++)
        if (strcmp(set->items[kept], set->items[i]) != 0)
            set->items[++kept] = set->items[i];
    set->count = kept + 1;
}

const char *name_set_find(const struct name_set *set, const char *name)
{
    if (set->count == 0)
        return NULL;
    const char **found = bsearch(&name, set->items, set->count, sizeof set->items[0], compare);

    return found != NULL ? *found : NULL;
}

bool name_set_has(const struct name_set *set, const char *name)
{
    return name_set_find(set, name) != NULL;
}

void name_set_print(const struct name_set *set, struct text *text, const char *quote,
                    size_t most_bytes)
{
    for (size_t i = 0; i < set->count; i++) {
        if (text->length_bytes >= most_bytes) {
            text_print(text, " and %zu more", set->count - i);
            return;
        }
        text_print(text, "%s%s", i == 0 ? "" : ", ", quote);
        text_append_escaped(text, set->items[i]);
        text_append(text, quote);
    }
}

void name_set_clear(struct name_set *set)
{
    free(set->items);
    *set = (struct name_set){.items = NULL};
}
