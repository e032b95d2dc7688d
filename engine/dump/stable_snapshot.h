/* A snapshot, the table of contents that belongs to it, and locks that keep the tables as both
 * describe them. Starts over with a new snapshot where DDL has come between, a bounded number of
 * times. */
#ifndef PGFAST_DUMP_STABLE_SNAPSHOT_H
#define PGFAST_DUMP_STABLE_SNAPSHOT_H

#include "engine/archive/folder.h"
#include "engine/dump/early_reads.h"
#include "engine/dump/find_pg_dump.h"
#include "engine/dump/run.h"
#include "engine/dump/session_setup.h"

struct stable_snapshot {
    char name[SNAPSHOT_NAME_BYTES]; /* to import; valid while the coordinator's transaction is open
                                     */
    struct toc *toc;                /* sealed, as pg_dump wrote it; the caller frees it */
    char lsn[32];  /* of the WAL when the snapshot had been taken; "": the server does not tell */
    char time[40]; /* then, by the server's clock: UTC, ISO 8601; "" likewise */
};

struct stable_snapshot_request {
    const struct dump_options *options;
    struct session
        *coordinator; /* set up, outside of a transaction; afterwards in the snapshot's */
    struct session *observer;
    const struct connection *connection;
    const char *encoding; /* of the archive; NULL: the user has chosen one */
    const struct pg_dump_program *program;
    struct folder *folder;
    struct early_reads *early; /* set to work on the first attempt, withdrawn if that fails */
    struct watch *watch;
};

bool stable_snapshot_take(struct stable_snapshot *snapshot,
                          const struct stable_snapshot_request *request,
                          struct error *error) MUST_CHECK;

#endif
