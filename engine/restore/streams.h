/* Over how many sessions the rows of one data file are spread. Pure. */
#ifndef PGFAST_RESTORE_STREAMS_H
#define PGFAST_RESTORE_STREAMS_H

#include <stdint.h>

/* A table gets the sessions that its share of all bytes would keep busy: among many of about the
 * same size each is best loaded as one stream, which can be frozen; the one that outweighs the
 * others would hold them all up. Sizes are of stored bytes. At least 1. */
unsigned streams_choose(uint64_t table_bytes, uint64_t all_bytes, unsigned sessions);

#endif
