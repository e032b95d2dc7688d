/* Which columns one list has and another lacks. Pure. */
#ifndef PGFAST_COMPARE_COLUMN_NAMES_H
#define PGFAST_COMPARE_COLUMN_NAMES_H

#include "engine/base/arena.h"
#include "engine/base/span.h"

#include <stddef.h>

/* Names, without their quotes. */
struct column_names {
    const char **items;
    size_t count;
};

/* The text of one name, quoted or not, as it is called. In the arena. */
const char *column_name_unquote(struct arena *arena, struct span name);

/* Of "(a, \"B\")"; of anything that is no such list, none. In the arena. */
struct column_names column_names_read(struct arena *arena, struct span list);

/* The first of `names` that `others` lacks; NULL: none. */
const char *column_names_first_lacking(const struct column_names *names,
                                       const struct column_names *others);

#endif
