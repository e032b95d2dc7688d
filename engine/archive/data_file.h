/* One data file on its way to disk. The session that reads its data makes it, in an arena that
 * outlives the writing stage, and stamps it on each chunk (chunk.stream); from the first chunk
 * pushed on, only the writing stage touches it, which fills in the numbers. A finished one about
 * which nothing remains to be decided is entered in the ledger and made anew for another file. */
#ifndef PGFAST_ARCHIVE_DATA_FILE_H
#define PGFAST_ARCHIVE_DATA_FILE_H

#include "engine/archive/frame_index.h"
#include "engine/archive/manifest.h"
#include "engine/archive/row_digest.h"
#include "engine/base/checksum.h"

#include <stdbool.h>
#include <stdint.h>

struct data_file_progress;

enum { DATA_FILE_NAME_BYTES = 96 }; /* with the final NUL */

struct data_file {
    char name[DATA_FILE_NAME_BYTES];     /* with suffix */
    const char *suffix;                  /* of the codec */
    struct data_file_progress *progress; /* the writing stage's own; the maker leaves it NULL */
    /* the maker's, up to the last chunk: */
    const char *final_name; /* in the archive, without suffix; NULL: the same */
    void *context;          /* not NULL: its maker has something to decide about it */
    bool is_abandoned;      /* ended as it was, no part of an archive */
    bool has_rows;          /* it holds those of a COPY */
    struct row_digest digest;
    /* the writing stage's, valid once the file is finished: */
    uint64_t size_bytes, raw_bytes, rows;
    struct frame_index frames; /* gone with the writer */
    char checksum[CHECKSUM_TEXT_BYTES];
};

/* It is part of the archive, under the name that it has. */
bool data_file_is_decided(const struct data_file *file);

/* What the manifest says of a finished file under this name; lent for as long as both are. */
struct manifest_file data_file_describe(const struct data_file *file, const char *name);

#endif
