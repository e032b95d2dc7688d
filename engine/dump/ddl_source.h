/* Where the table of contents comes from: definitions, and which data entries exist. One of the
 * program's vtables, because its one implementation is a whole other program: tests and future
 * servers may bring their own. */
#ifndef PGFAST_DUMP_DDL_SOURCE_H
#define PGFAST_DUMP_DDL_SOURCE_H

#include "engine/archive/folder.h"
#include "engine/archive/toc.h"
#include "engine/dump/find_pg_dump.h"
#include "engine/dump/run.h"
#include "engine/server/connection.h"
#include "engine/server/session.h"

struct ddl_request {
    const struct dump_options *options;
    const struct connection *connection; /* pinned to the coordinator's server */
    const char *snapshot;                /* exported, and held open meanwhile */
    const char *encoding;                /* of the archive; NULL: the user has chosen one */
    const char *lock_wait_timeout;       /* "0": none */
    struct folder *folder;               /* for private scratch files */
    int coordinator_pid;                 /* whose locks others may wait for */
    struct session *observer; /* a session outside the snapshot, to see who blocks whom */
    const struct pg_dump_program *program;
    struct watch *watch;
};

struct ddl_reading; /* a source at work */

struct ddl_source {
    const char *name;
    /* Starts reading the database as the snapshot sees it, and does not wait. The request, and what
     * it points at, outlives the reading. */
    bool (*begin)(struct ddl_reading **reading, const struct ddl_request *request,
                  struct error *error);
    /* Waits until it has all the connections to the server that it will need; true also where it
     * has failed, which finish explains. */
    bool (*await_connection)(struct ddl_reading *reading, struct error *error);
    /* Waits for a sealed table of contents, in the shape of `program`'s version, and ends the
     * reading, also where it fails. ERROR_CONFLICT: it waited behind DDL that waits for the
     * coordinator's locks, and must be asked again without them. */
    bool (*finish)(struct ddl_reading *reading, struct toc **toc, struct error *error);
    void (*abandon)(struct ddl_reading *reading); /* instead of finish */
};

extern const struct ddl_source ddl_from_pg_dump;

#endif
