/* The contents of the large objects of one BLOBS entry. The objects are there already. */
#ifndef PGFAST_RESTORE_LOAD_BLOBS_H
#define PGFAST_RESTORE_LOAD_BLOBS_H

#include "engine/restore/target.h"

void load_blobs(struct target *target, const struct toc_entry *entry, struct outcome *outcome);

#endif
