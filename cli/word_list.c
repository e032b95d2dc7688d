#include "cli/word_list.h"

#include "engine/base/memory.h"

#include <stdlib.h>

void word_list_add(struct word_list *list, const char *word)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 8 : 2 * list->capacity;
        list->items = memory_resize(list->items, list->capacity, sizeof list->items[0]);
    }
    list->items[list->count++] = word;
}

void word_list_clear(struct word_list *list)
{
    free(list->items);
    *list = (struct word_list){0};
}

struct pgfast_string_list word_list_lend(const struct word_list *list)
{
    return (struct pgfast_string_list){.items = list->items, .count = list->count};
}
