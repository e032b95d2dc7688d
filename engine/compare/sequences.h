/* Where sequences stand: what the archive's SEQUENCE SET entries say, and the query that asks the
 * database. Pure. */
#ifndef PGFAST_COMPARE_SEQUENCES_H
#define PGFAST_COMPARE_SEQUENCES_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/compare/live.h"

struct sequence {
    const struct toc_entry *entry;
    const struct live_relation *relation; /* NULL: the database has none */
    const char *archived;                 /* "1000, true" as setval takes it; so is the next */
    char live[48];
    struct error error; /* why it could not be read; no kind: it could */
};

struct sequences {
    struct sequence *items;
    size_t count;
};

/* Everything lives in the arena. ERROR_DAMAGED: an entry is not understood. */
bool sequences_make(struct sequences *sequences, struct arena *arena, const struct toc *toc,
                    const struct live *live, struct error *error) MUST_CHECK;

/* Of those that the database has, among `count`: a row each with its place and what `live` shall
 * be. NULL: it has none. */
const char *sequences_query(struct arena *arena, const struct sequence *sequences, size_t count);

#endif
