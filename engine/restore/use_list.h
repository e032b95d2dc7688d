/* The file of -L: which entries are wanted, and in which order. Each line is read up to a ";" and
 * begins with a dump id; the rest of it is for people. */
#ifndef PGFAST_RESTORE_USE_LIST_H
#define PGFAST_RESTORE_USE_LIST_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct use_list {
    const struct toc_entry **entries; /* in the order of the file */
    size_t count;
    bool *is_listed;       /* by dump id, up to toc->largest_dump_id */
    const char **warnings; /* "line ignored: …" for what is no dump id, or one listed before */
    size_t warning_count;
};

/* Everything lives in the arena. ERROR_USAGE: a dump id that the archive does not have. */
bool use_list_parse(struct use_list *list, struct arena *arena, const struct toc *toc,
                    const char *text, struct error *error) MUST_CHECK;

#endif
