/* Where the frames of a compressed file lie, which decode by themselves: stored and raw size of
 * each, in the order of the file. 16 bytes of text and 8 of memory a frame, so that a terabyte in
 * frames of half a megabyte takes some 30 MB of text. */
#ifndef PGFAST_ARCHIVE_FRAME_INDEX_H
#define PGFAST_ARCHIVE_FRAME_INDEX_H

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/span.h"
#include "engine/base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct frame_sizes {
    uint32_t stored_bytes, raw_bytes;
};

struct frame_index { /* begins zeroed */
    struct frame_sizes *frames;
    size_t count, capacity;
};

void frame_index_add(struct frame_index *index, size_t stored_bytes, size_t raw_bytes);
void frame_index_clear(struct frame_index *index); /* not for one whose frames lie in an arena */

/* A copy that is as large as it must be. */
struct frame_index frame_index_copy(const struct frame_index *index, struct arena *arena);

uint64_t frame_index_stored_bytes(const struct frame_index *index);
uint64_t frame_index_raw_bytes(const struct frame_index *index);

/* Along the frames of a file while it is decoded: are they where the index says? */
struct frame_walk {
    const struct frame_index *index; /* NULL: nothing is known (any more) */
    size_t next;
    struct frame_sizes left; /* of the frame that the walk stands in */
};

void frame_walk_begin(struct frame_walk *walk, const struct frame_index *index);
/* As much of `stored` as belongs to this frame. */
struct span frame_walk_limit(const struct frame_walk *walk, struct span stored);
/* So much of this frame has been decoded to so much; false: there is not so much of it. */
bool frame_walk_advance(struct frame_walk *walk, size_t stored_bytes, size_t raw_bytes) MUST_CHECK;
bool frame_walk_is_at_end_of_frame(const struct frame_walk *walk); /* of its stored bytes */
/* False: it should have given more. */
bool frame_walk_enter_next(struct frame_walk *walk) MUST_CHECK;
/* So many bytes were whole frames, from a beginning of one on. */
bool frame_walk_pass(struct frame_walk *walk, size_t stored_bytes, size_t raw_bytes) MUST_CHECK;

/* JSON: [[stored, raw], …], without spaces. Parsing takes exactly that and nothing else. */
void frame_index_print(const struct frame_index *index, struct text *json);
bool frame_index_parse(struct frame_index *index, struct arena *arena, struct span json) MUST_CHECK;

#endif
