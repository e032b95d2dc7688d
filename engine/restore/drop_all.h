/* --clean: what is to be restored is dropped first. */
#ifndef PGFAST_RESTORE_DROP_ALL_H
#define PGFAST_RESTORE_DROP_ALL_H

#include "engine/restore/restore.h"

/* It was asked for, and no earlier run has got beyond it. */
bool drop_is_due(const struct restore *restore);

/* In the opposite order of their making. */
bool drop_all(struct restore *restore, struct error *error) MUST_CHECK;

#endif
