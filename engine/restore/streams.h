/* Over how many sessions the rows of one data file are spread, and who decodes them. Pure. */
#ifndef PGFAST_RESTORE_STREAMS_H
#define PGFAST_RESTORE_STREAMS_H

#include <stdint.h>

/* A table gets the sessions that its share of all bytes would keep busy: among many of about the
 * same size each is best loaded as one stream, which can be frozen; the one that outweighs the
 * others would hold them all up. Sizes are of stored bytes. At least 1. */
unsigned streams_choose(uint64_t table_bytes, uint64_t all_bytes, unsigned sessions);

/* How many threads decode the file for its sessions, besides the one that hands rows out; 0: that
 * one does, which is enough for a few, and for as many as few processors can keep busy. */
unsigned streams_choose_decoders(unsigned sessions, unsigned processors);

#endif
