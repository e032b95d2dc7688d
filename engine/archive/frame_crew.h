/* A compressed file decoded by several threads: one reads ahead and cuts the file where frames end,
 * others decode what lies between, and the bytes come out in order. What cannot be cut (a single
 * frame, as the stock tools write it, or gzip that no manifest tells the frames of) is only read
 * ahead: it comes out as it is stored, and the taker decodes it.
 *
 * Memory is bounded by two pools. It cannot deadlock: a decoding thread holds its output before it
 * takes its input, and takes that in order, so the oldest missing piece is always in the hands of
 * someone who can finish it; the line of what is done has room for everything that there is. */
#ifndef PGFAST_ARCHIVE_FRAME_CREW_H
#define PGFAST_ARCHIVE_FRAME_CREW_H

#include "compress/codec.h"
#include "engine/archive/frame_index.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"

#include <stdbool.h>

struct frame_crew;

/* All lent, until the crew is ended. */
struct frame_crew_source {
    int descriptor; /* at the beginning of the file */
    const char *name;
    const struct codec *codec;
    const struct frame_index *frames; /* of the manifest; NULL: frames are found as they come */
    struct checksum
        *checksum; /* NULL, or of all stored bytes: the reading thread's until the end */
};

struct frame_crew_piece {
    struct span bytes; /* none: the end */
    bool is_decoded;
    size_t stored_bytes; /* that they come from */
};

bool frame_crew_start(struct frame_crew **crew, const struct frame_crew_source *source,
                      unsigned decoders, struct error *error) MUST_CHECK;

/* In the order of the file; lent until the next call. Stored pieces begin where a frame does, or
 * where the stored piece before ended. After a failure only frame_crew_end may follow. */
bool frame_crew_take(struct frame_crew *crew, struct frame_crew_piece *piece,
                     struct error *error) MUST_CHECK;

void frame_crew_end(struct frame_crew *crew); /* at any time; joins; accepts NULL */

#endif
