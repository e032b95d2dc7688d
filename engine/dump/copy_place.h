/* Where one session reads data into the flow. */
#ifndef PGFAST_DUMP_COPY_PLACE_H
#define PGFAST_DUMP_COPY_PLACE_H

#include "engine/base/arena.h"
#include "engine/dump/pipeline.h"
#include "engine/server/session.h"

struct copy_place {
    struct session *session;
    struct pipeline *pipeline;
    unsigned lane;       /* of the pipeline */
    struct arena *arena; /* outlives the pipeline */
    /* What the names of files begin with, where an earlier attempt may have left some of the same
     * name; sealing takes it away. NULL: nothing. */
    const char *prefix;
};

/* A file that will be called `name`, without suffix; lent until it is sealed, where there is a
 * prefix. */
void copy_place_begin(const struct copy_place *place, struct stream *stream, const char *name);

#endif
