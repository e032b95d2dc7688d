/* A set of names, which are lent: they must outlive it. All zero is an empty one. Add first, seal,
 * then look. One thread at a time. */
#ifndef PGFAST_BASE_NAME_SET_H
#define PGFAST_BASE_NAME_SET_H

#include "engine/base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct name_set {
    const char **items; /* in order, each once, when sealed */
    size_t count, capacity;
};

void name_set_add(struct name_set *set, const char *name);
void name_set_seal(struct name_set *set);
bool name_set_has(const struct name_set *set, const char *name);
const char *name_set_find(const struct name_set *set,
                          const char *name); /* the set's own, or NULL */
/* For people: escaped, with commas, each within `quote`. Once the text has that length, the rest is
 * only counted: "a, b and 3 more". */
void name_set_print(const struct name_set *set, struct text *text, const char *quote,
                    size_t most_bytes);
void name_set_clear(struct name_set *set);

#endif
