/* Where one thread of a comparison works: its session, in a transaction on the shared snapshot, and
 * its buffer. Belongs to that thread. */
#ifndef PGFAST_COMPARE_PLACE_H
#define PGFAST_COMPARE_PLACE_H

#include "engine/archive/archive.h"
#include "engine/compare/objects.h"
#include "engine/flow/watch.h"
#include "engine/server/session.h"

enum { PLACE_BUFFER_BYTES = 1024 * 1024 };

/* The same for all threads; const. */
struct place_settings {
    const struct connection *connection;
    const char *session_settings; /* SQL */
    const char *snapshot;         /* its name */
    const struct archive *archive;
    const struct compared_objects *objects;
    struct watch *watch;
};

struct place {
    const struct place_settings *settings;
    struct session *session;
    struct arena *arena;
    unsigned char *buffer; /* of PLACE_BUFFER_BYTES */
    unsigned statements;   /* of this transaction */
};

bool place_open(struct place **place, const struct place_settings *settings,
                struct error *error) MUST_CHECK;
void place_close(struct place *place); /* accepts NULL */

/* Before each statement that takes locks: a transaction with too many behind it is ended, and a new
 * one begun on the same snapshot. */
bool place_prepare(struct place *place, struct error *error) MUST_CHECK;

/* After a statement that has failed. False: the session is of no use any more. */
bool place_recover(struct place *place) MUST_CHECK;

#endif
