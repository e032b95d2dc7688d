/* What the pre-flight asks the server: a handful of questions, however large the archive is. */
#ifndef PGFAST_RESTORE_PREFLIGHT_QUERIES_H
#define PGFAST_RESTORE_PREFLIGHT_QUERIES_H

#include "engine/base/arena.h"
#include "engine/restore/needs.h"
#include "engine/server/session.h"

#include <stdbool.h>

/* What there is of everything that can be needed, sealed; its names live in the arena. */
bool preflight_read_stock(struct session *session, struct arena *arena, struct needs *has,
                          struct error *error) MUST_CHECK;

/* As the server spells them, in the arena: that of the archive, and that of the database. */
struct encodings {
    const char *archive, *database;
};
bool preflight_read_encodings(struct session *session, struct arena *arena, const char *archive,
                              struct encodings *encodings, struct error *error) MUST_CHECK;

/* Of `tables` (qualified and quoted names) those that are there and hold rows, as far as the role
 * may read them. Sealed, its names are those of `tables`. In a transaction of its own, in which
 * nothing waits for long. At most `most` are looked into. */
bool preflight_find_filled(struct session *session, const struct name_set *tables, size_t most,
                           struct name_set *filled, struct error *error) MUST_CHECK;

#endif
