/* Which roles and languages a definition names, told by the forms that pg_dump writes: what has
 * another form names none. Pure. */
#ifndef PGFAST_SQL_MENTIONS_H
#define PGFAST_SQL_MENTIONS_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"
#include "engine/base/name_set.h"

#include <stdbool.h>

/* Of privileges (who grants, and to whom), policies and user mappings; other kinds of entries name
 * none. PUBLIC and words like CURRENT_USER are no roles. The names live in the arena. */
void mentions_add_roles(struct name_set *roles, struct arena *arena, const struct toc_entry *entry,
                        bool conforming_strings);

/* Of CREATE FUNCTION and PROCEDURE: in the arena, or NULL. */
const char *mentions_language(struct arena *arena, const char *definition, bool conforming_strings);

#endif
