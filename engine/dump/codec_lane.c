#include "engine/dump/codec_lane.h"

#include "engine/base/memory.h"

#include <stdio.h>
#include <stdlib.h>

static void encode(void *context, unsigned index)
{
    struct codec_lane *lane = context;
    struct error *error = &lane->errors[index];

    placement_enter(lane->placement, lane->index);
    if (!codec_stage_work(&lane->stage, error) && error->kind != ERROR_CANCELLED)
        cancel_set(lane->cancel);
}

static void abandon(void *context)
{
    cancel_set(((struct codec_lane *)context)->cancel);
}

/* The coordinator may be one more. */
static unsigned count_sessions(const struct codec_lane *lane)
{
    return lane->placement->lanes[lane->index].sessions + 1;
}

/* ARCHITECTURE.md, deadlock rules: the raw pool holds what sessions fill, what waits, and what is
 * being encoded; the frame pool what is being encoded, what waits, and what is being written. */
static bool make_pools(struct codec_lane *lane, const struct codec_lane_options *options,
                       struct error *error)
{
    unsigned sessions = count_sessions(lane);
    unsigned waiting = lane->threads > 0 ? sessions + lane->threads : 0;
    unsigned encoding = lane->threads > 0 ? lane->threads : sessions;
    size_t frame_bytes = options->codec->frame_bound(options->chunk_bytes, &options->settings);

    return chunk_pool_create(&lane->raw_pool, sessions + waiting + lane->threads,
                             options->chunk_bytes, error) &&
           chunk_pool_create(&lane->frame_pool, encoding + options->frames_beyond, frame_bytes,
                             error);
}

static bool start_crew(struct codec_lane *lane, const struct codec_lane_options *options,
                       struct error *error)
{
    char name[16];

    lane->raw = queue_create(count_sessions(lane) + lane->threads);
    cancel_closes_queue(options->cancel, lane->raw);
    lane->stage.raw = lane->raw;
    lane->errors = memory_allocate(lane->threads, sizeof(struct error));
    snprintf(name, sizeof(name), "pgf-%s", options->codec->name);
    return crew_start(&lane->crew, name, lane->threads, encode, abandon, lane, error);
}

static bool make_encoders(struct codec_lane *lane, struct error *error)
{
    unsigned count = count_sessions(lane);

    lane->encoders = queue_create(count);
    for (unsigned i = 0; i < count; i++) {
        struct codec_encoder *encoder;

        if (!lane->stage.codec->encoder_open(&encoder, &lane->stage.settings, error))
            return false;
        (void)!queue_push(lane->encoders, encoder);
    }
    return true;
}

bool codec_lane_open(struct codec_lane *lane, const struct codec_lane_options *options,
                     struct error *error)
{
    *lane = (struct codec_lane){
        .placement = options->placement,
        .index = options->index,
        .cancel = options->cancel,
        .threads = options->placement->lanes[options->index].codec_threads,
    };
    if (!make_pools(lane, options, error))
        return false;
    lane->stage = (struct codec_stage){
        .codec = options->codec,
        .settings = options->settings,
        .frames = options->frames,
        .frame_pool = lane->frame_pool,
    };
    cancel_closes_pool(options->cancel, lane->raw_pool);
    cancel_closes_pool(options->cancel, lane->frame_pool);
    return lane->threads > 0 ? start_crew(lane, options, error) : make_encoders(lane, error);
}

static bool is_stopped(struct chunk *raw, struct error *error)
{
    chunk_give(raw);
    return error_set(error, ERROR_CANCELLED, "cancelled");
}

/* There is an encoder for each session, so that nobody waits for one. */
static bool encode_here(struct codec_lane *lane, struct chunk *raw, struct error *error)
{
    struct chunk *frame = chunk_pool_take(lane->frame_pool);
    void *encoder;

    if (!frame)
        return is_stopped(raw, error);
    if (!queue_pop(lane->encoders, &encoder)) {
        chunk_give(frame);
        return is_stopped(raw, error);
    }

    bool is_encoded = codec_stage_encode(&lane->stage, encoder, raw, frame, error);

    (void)!queue_push(lane->encoders, encoder);
    return is_encoded;
}

bool codec_lane_push(struct codec_lane *lane, struct chunk *raw, struct error *error)
{
    if (lane->threads == 0)
        return encode_here(lane, raw, error);
    return queue_push(lane->raw, raw) || is_stopped(raw, error);
}

void codec_lane_join(struct codec_lane *lane)
{
    if (lane->raw)
        queue_close(lane->raw);
    crew_join(lane->crew);
    lane->crew = NULL;
}

static void close_encoders(struct codec_lane *lane)
{
    void *encoder;

    while (lane->encoders && queue_try_pop(lane->encoders, &encoder))
        lane->stage.codec->encoder_close(encoder);
    queue_free(lane->encoders);
}

void codec_lane_close(struct codec_lane *lane)
{
    codec_lane_join(lane);
    close_encoders(lane);
    queue_free(lane->raw);
    chunk_pool_free(lane->raw_pool);
    chunk_pool_free(lane->frame_pool);
    free(lane->errors);
}
