/* Definitions that may be newer than the snapshot. pg_dump reads the catalogs on it, but the
 * server's own functions, which it asks for the arguments of functions and the names of types, read
 * them as they are now: a type renamed meanwhile is created under one name and used under another,
 * a function dropped meanwhile loses its arguments. Asked once pg_dump's table of contents is
 * there; on the coordinator. */
#ifndef PGFAST_DUMP_DEFINITION_CHANGES_H
#define PGFAST_DUMP_DEFINITION_CHANGES_H

#include "engine/archive/toc.h"
#include "engine/server/session.h"

struct definition_request {
    struct session *coordinator; /* in the transaction of the snapshot */
    struct session *observer;    /* sees the present */
    const struct toc *toc;
};

/* *what: the entries that are about objects changed or dropped since the snapshot, the first few by
 * name, in the arena; NULL: there is none. What was changed back again is only noticed where the
 * row's version tells. */
bool definition_changes_find(const struct definition_request *request, struct arena *arena,
                             const char **what, struct error *error) MUST_CHECK;

#endif
