/* One data file on its way to disk. The session that reads its data makes it and stamps it on each chunk (chunk.stream);
 * from the first chunk pushed on, it belongs to the writing stage, which fills in the numbers. All data files of a run are freed with the writer. */
#ifndef PGFAST_ARCHIVE_DATA_FILE_H
#define PGFAST_ARCHIVE_DATA_FILE_H

#include "engine/base/checksum.h"

#include <stdint.h>

struct data_file {
    char name[64];  /* with suffix */
    void *context;  /* the maker's */
    /* the writing stage's, valid once the file is finished: */
    uint64_t size_bytes, raw_bytes, rows, frames;
    char checksum[CHECKSUM_TEXT_BYTES];
};

#endif
