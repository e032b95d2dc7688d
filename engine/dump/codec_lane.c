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

/* ARCHITECTURE.md, deadlock rules: the raw pool holds what sessions fill, what waits, and what is
 * being encoded; the frame pool what is being encoded, what waits, and what is being written. */
static bool make_pools(struct codec_lane *lane, const struct codec_lane_options *options,
                       struct error *error)
{
    /* The coordinator may be one more. */
    unsigned sessions = options->placement->lanes[options->index].sessions + 1;
    unsigned waiting = sessions + lane->threads;
    size_t frame_bytes = options->codec->frame_bound(options->chunk_bytes, &options->settings);

    lane->raw = queue_create(waiting);
    return chunk_pool_create(&lane->raw_pool, sessions + waiting + lane->threads,
                             options->chunk_bytes, error) &&
           chunk_pool_create(&lane->frame_pool, lane->threads + options->frames_beyond, frame_bytes,
                             error);
}

static bool start_crew(struct codec_lane *lane, const struct codec_lane_options *options,
                       struct error *error)
{
    char name[16];

    lane->stage = (struct codec_stage){
        .codec = options->codec,
        .settings = options->settings,
        .raw = lane->raw,
        .frames = options->frames,
        .frame_pool = lane->frame_pool,
    };
    snprintf(name, sizeof(name), "pgf-%s", options->codec->name);
    return crew_start(&lane->crew, name, lane->threads, encode, abandon, lane, error);
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
    lane->errors = memory_allocate(lane->threads, sizeof(struct error));
    if (!make_pools(lane, options, error))
        return false;
    cancel_closes_queue(options->cancel, lane->raw);
    cancel_closes_pool(options->cancel, lane->raw_pool);
    cancel_closes_pool(options->cancel, lane->frame_pool);
    return start_crew(lane, options, error);
}

void codec_lane_join(struct codec_lane *lane)
{
    if (lane->raw)
        queue_close(lane->raw);
    crew_join(lane->crew);
    lane->crew = NULL;
}

void codec_lane_close(struct codec_lane *lane)
{
    codec_lane_join(lane);
    queue_free(lane->raw);
    chunk_pool_free(lane->raw_pool);
    chunk_pool_free(lane->frame_pool);
    free(lane->errors);
}
