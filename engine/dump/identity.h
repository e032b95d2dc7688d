/* What a dump's manifest says about where the dump comes from and how it was made. */
#ifndef PGFAST_DUMP_IDENTITY_H
#define PGFAST_DUMP_IDENTITY_H

#include "engine/archive/manifest.h"
#include "engine/dump/run.h"
#include "engine/server/session.h"

/* Beside the snapshot: whatever the role may not read stays NULL, and must not cost it the dump. */
void identity_of_source(struct manifest *manifest, struct session *observer);

/* The options as they are written on a command line, without those of the connection: that is where
 * secrets would be. Pure. */
void identity_of_options(struct manifest *manifest, const struct dump_options *options);

#endif
