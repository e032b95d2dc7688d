/* One data file on its way to disk. The session that reads its data makes it, in an arena that
 * outlives the writing stage, and stamps it on each chunk (chunk.stream); from the first chunk
 * pushed on, only the writing stage touches it, which fills in the numbers. */
#ifndef PGFAST_ARCHIVE_DATA_FILE_H
#define PGFAST_ARCHIVE_DATA_FILE_H

#include "engine/base/checksum.h"

#include <stdbool.h>
#include <stdint.h>

struct data_file_progress;

struct data_file {
    char name[64];          /* with suffix */
    const char *suffix;     /* of the codec */
    const char *final_name; /* the maker's: in the archive, without suffix; NULL: the same */
    void *context;          /* the maker's */
    bool is_abandoned;      /* the maker's: ended as it was, no part of an archive */
    struct data_file_progress *progress; /* the writing stage's own; the maker leaves it NULL */
    /* the writing stage's, valid once the file is finished: */
    uint64_t size_bytes, raw_bytes, rows, frames;
    char checksum[CHECKSUM_TEXT_BYTES];
};

#endif
