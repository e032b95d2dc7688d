/* The part of a dump's flow that stays in one cache domain: chunks that its sessions fill, and the
 * codec threads that turn them into frames; where the placement gives it none, the sessions do that
 * themselves. All lanes feed the one queue of the writing stage. */
#ifndef PGFAST_DUMP_CODEC_LANE_H
#define PGFAST_DUMP_CODEC_LANE_H

#include "compress/codec.h"
#include "engine/archive/codec_stage.h"
#include "engine/base/crew.h"
#include "engine/base/error.h"
#include "engine/base/queue.h"
#include "engine/flow/cancel.h"
#include "engine/flow/chunk_pool.h"
#include "engine/flow/placement.h"

struct codec_lane {
    struct codec_stage stage;
    const struct placement *placement;
    unsigned index; /* in the placement */
    struct chunk_pool *raw_pool, *frame_pool;
    struct queue *raw;      /* to the codec threads; NULL: there are none, but */
    struct queue *encoders; /* of struct codec_encoder *, one for each session, at rest */
    struct cancel *cancel;
    unsigned threads;
    struct crew *crew;
    struct error *errors; /* one a thread; kind ERROR_NONE: well */
};

struct codec_lane_options {
    const struct placement *placement; /* outlives the lane */
    unsigned index;
    const struct codec *codec;
    struct codec_settings settings;
    size_t chunk_bytes;
    unsigned frames_beyond; /* frames that wait and are written behind the codec threads */
    struct queue *frames;
    struct cancel *cancel; /* set when a codec thread fails; closes what the lane waits on */
};

/* Even a lane that could not be opened must be closed. */
bool codec_lane_open(struct codec_lane *lane, const struct codec_lane_options *options,
                     struct error *error) MUST_CHECK;
/* Gives a raw chunk to be encoded. Fails as cancelled when the flow has been stopped, or with what
 * the codec says where the caller's thread is the one that encodes. */
bool codec_lane_push(struct codec_lane *lane, struct chunk *raw, struct error *error) MUST_CHECK;
/* Waits until all that was pushed is encoded. */
void codec_lane_join(struct codec_lane *lane);
/* After the writing stage is joined as well: it gives frames back to the lane's pool. */
void codec_lane_close(struct codec_lane *lane);

#endif
