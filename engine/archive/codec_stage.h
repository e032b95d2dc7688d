/* The codec threads' body: raw chunks in, frames out. Takes an empty frame chunk before it pops its
 * input, so that the oldest missing sequence of a stream is always in the hands of someone who can
 * finish it (ARCHITECTURE.md, deadlock rules). */
#ifndef PGFAST_ARCHIVE_CODEC_STAGE_H
#define PGFAST_ARCHIVE_CODEC_STAGE_H

#include "compress/codec.h"
#include "engine/base/queue.h"
#include "engine/flow/cancel.h"
#include "engine/flow/chunk_pool.h"

struct codec_stage {
    const struct codec *codec;
    struct codec_settings settings;
    struct queue *raw;             /* of struct chunk *; not for codec_stage_encode */
    struct queue *frames;          /* of struct chunk *, to the writer */
    struct chunk_pool *frame_pool; /* chunks of at least codec->frame_bound(raw chunk bytes) */
};

/* One raw chunk, by whoever has a frame for it; takes both. The frame goes on to the writer. */
bool codec_stage_encode(const struct codec_stage *stage, struct codec_encoder *encoder,
                        struct chunk *raw, struct chunk *frame, struct error *error) MUST_CHECK;

/* One thread's loop; returns true when `raw` is closed and drained, false with the error of a
 * codec. */
bool codec_stage_work(const struct codec_stage *stage, struct error *error) MUST_CHECK;

#endif
