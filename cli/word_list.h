/* A growing list of words. The words are lent (most live in argv), the list itself is owned. */
#ifndef PGFAST_CLI_WORD_LIST_H
#define PGFAST_CLI_WORD_LIST_H

#include "engine/pgfast.h"

struct word_list {
    const char **items;
    size_t count;
    size_t capacity;
};

void word_list_add(struct word_list *list, const char *word);
void word_list_clear(struct word_list *list);
struct pgfast_string_list word_list_lend(const struct word_list *list);

#endif
