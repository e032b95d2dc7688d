/* The file of -L, read whole. */
#ifndef PGFAST_RESTORE_READ_LIST_H
#define PGFAST_RESTORE_READ_LIST_H

#include "engine/base/arena.h"
#include "engine/base/error.h"

/* The text lives in the arena. */
bool read_list(const char **text, struct arena *arena, const char *path,
               struct error *error) MUST_CHECK;

#endif
