/* How large the buffers of a dump may be, so that the process stays within its memory. Pure. */
#ifndef PGFAST_DUMP_MEMORY_PLAN_H
#define PGFAST_DUMP_MEMORY_PLAN_H

#include "engine/base/error.h"
#include "engine/flow/placement.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory_plan {
    size_t chunk_bytes;        /* of raw data in one frame */
    unsigned writes_in_flight; /* frames on their way to the disk, as they are */
    unsigned frames_waiting;   /* for the writing stage */
    unsigned blocks;           /* see data_writer.h; 0: none */
    unsigned files_in_blocks;
    size_t block_bytes;
    size_t row_bytes; /* of one row, in each session: what is left of the limit, shared */
    uint64_t bytes;   /* all that the process takes, its libraries and small rows included */
};

/* The largest buffers that fit; where processors are so many that none do, the placement gives up
 * codec threads. limit_bytes 0: 64 MiB and 16 MiB a worker, where that is possible. ERROR_USAGE
 * names the least limit where one codec thread a lane is too much. One row that
 * is larger than row_bytes comes on top: PostgreSQL sends it whole. */
bool memory_plan_make(struct memory_plan *plan, struct placement *placement, bool is_direct,
                      uint64_t limit_bytes, struct error *error) MUST_CHECK;

#endif
