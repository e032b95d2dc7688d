/* Tells the display what a restore has before it. */
#ifndef PGFAST_RESTORE_ANNOUNCE_H
#define PGFAST_RESTORE_ANNOUNCE_H

#include "engine/restore/restore.h"

/* Whenever the plan has changed: how much there is to do, in rows, bytes and estimated time. */
void announce_totals(const struct restore *restore);

#endif
