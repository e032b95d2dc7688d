/* A session that can take the coordinator's place: on the same snapshot, which it exports under a
 * name of its own, and with the same locks. Should the coordinator's session be lost, those are
 * still held, and have been all the time. On the coordinator's thread. */
#ifndef PGFAST_DUMP_KEEPER_H
#define PGFAST_DUMP_KEEPER_H

#include "engine/base/arena.h"
#include "engine/dump/workers.h"

struct keeper {
    struct session *session; /* NULL: there is no keeper */
    const char *snapshot;    /* as it exports it */
};

/* Takes no lock that it would have to wait for, and not the last room that the server has: where
 * that is scarce, there is none (ERROR_UNSUPPORTED: nor will there be later). */
bool keeper_open(struct keeper *keeper, struct arena *arena, const struct workers_options *options,
                 const struct holding *holding, struct error *error) MUST_CHECK;
void keeper_close(struct keeper *keeper);

#endif
