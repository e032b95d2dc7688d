/* The end of a restore: what all its sessions have committed survives a crash from then on, and the
 * journal is gone. */
#ifndef PGFAST_RESTORE_MAKE_DURABLE_H
#define PGFAST_RESTORE_MAKE_DURABLE_H

#include "engine/restore/restore.h"

/* Also where objects have failed: what is there should stay. */
bool make_durable(struct restore *restore, struct error *error) MUST_CHECK;

#endif
