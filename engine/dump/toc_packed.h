/* A table of contents whose large objects are packed: one data entry for the pages of all of them
 * takes the place of the BLOBS entries, which mean a file for each object. Pure. */
#ifndef PGFAST_DUMP_TOC_PACKED_H
#define PGFAST_DUMP_TOC_PACKED_H

#include "engine/archive/toc.h"

/* Changes a sealed toc, which stays sealed; what it adds lives in its arena. The new entry has the
 * dump id of the last BLOBS entry and waits for all that create objects in its own section. False:
 * there are none whose data was asked for. */
bool toc_packed_make(struct toc *toc);

#endif
