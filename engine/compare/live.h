/* What the database has that an archive may hold the contents of: its tables and sequences, found
 * by name and by oid. Read once on the snapshot, then const. */
#ifndef PGFAST_COMPARE_LIVE_H
#define PGFAST_COMPARE_LIVE_H

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/server/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LIVE_OLDEST_SERVER = 120000 };

struct live_relation {
    uint32_t oid;
    uint32_t parent; /* of a partition: the table that it is a part of; 0: none */
    const char *schema, *name;
    const char *columns; /* "(a, b)", quoted, without generated ones; "" where there are none */
    char kind;           /* pg_class.relkind: r, p, f or S */
    bool is_of_extension;
};

struct live {
    struct live_relation *relations; /* by schema and name */
    size_t count;
    const struct live_relation **by_oid;
};

/* Everything lives in the arena. */
bool live_read(struct live *live, struct arena *arena, struct session *session,
               struct error *error) MUST_CHECK;

/* Puts relations that are all there in order, so that they are found. */
void live_seal(struct live *live, struct arena *arena);

/* NULL: there is none. */
const struct live_relation *live_find(const struct live *live, const char *schema,
                                      const char *name);
const struct live_relation *live_find_oid(const struct live *live, uint32_t oid);

#endif
