/* A constraint's definition as two statements: one that works long and locks little, and one that
 * locks the table but is over at once. Only what is certain to mean the same is cut in two: the
 * forms that pg_dump writes. Pure text. */
#ifndef PGFAST_SQL_DEFINITION_HALVES_H
#define PGFAST_SQL_DEFINITION_HALVES_H

#include "engine/base/arena.h"
#include "engine/base/span.h"

#include <stdbool.h>

struct definition_halves {
    const char *first, *second; /* in the arena */
    const char *undo;           /* takes the first back, where the second fails */
    bool is_primary_key;
    struct span relation; /* in the definition: the table as it is written there */
    struct span referred; /* of a foreign key: the table that it refers to */
};

/* PRIMARY KEY and UNIQUE of a table that is not partitioned: a unique index, then the constraint
 * USING it. False: not of that form. The primary key of a partition or an heir must stay whole:
 * with USING INDEX server 18 takes its inherited NOT NULL for the table's own. */
bool definition_halves_of_key(struct definition_halves *halves, struct arena *arena,
                              const char *definition);

/* A foreign key: NOT VALID, then validated. One that is not valid in the archive, or not enforced,
 * stays whole. The server must be asked whether either table is partitioned: before version 18 it
 * takes no such key of a partitioned table, and would leave parts of one that refers to such a
 * table not valid. */
bool definition_halves_of_foreign_key(struct definition_halves *halves, struct arena *arena,
                                      const char *definition);

#endif
