/* A restore before it has a server: what is in the archive, what of it is wanted, and the plan. */
#ifndef PGFAST_RESTORE_PREPARE_H
#define PGFAST_RESTORE_PREPARE_H

#include "engine/restore/restore.h"

/* All that can be known without a server, told and decided; nothing is changed yet. */
bool prepare_without_server(struct restore *restore, struct error *error) MUST_CHECK;

/* Of all that is selected, as if nothing had been done, in the place of an earlier one. */
void prepare_plan(struct restore *restore, bool keeps_order);

#endif
