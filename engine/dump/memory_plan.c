#include "engine/dump/memory_plan.h"

#include "engine/base/size_text.h"

#include <inttypes.h>

/* Program, libraries, stacks, definitions of an ordinary database. */
static const uint64_t base_bytes = 24 << 20;

/* What libpq holds: received bytes, and the row in them. */
static const uint64_t session_bytes = 1 << 20;

/* An encoder for one chunk, at the usual levels. */
static const uint64_t encoder_bytes = 2 << 20;

/* From the size where codecs and disks work at their best down to one that still works. */
static const struct {
    size_t chunk_bytes;
    unsigned writes_in_flight;
} sizes[] = {
    {512 << 10, 16}, {512 << 10, 8}, {256 << 10, 8}, {256 << 10, 4}, {128 << 10, 4}, {64 << 10, 2},
};

struct crowd {
    unsigned workers;
    unsigned sessions; /* the coordinator counts in every lane, since it may work in any */
    unsigned encoders; /* codec threads, or sessions that encode themselves */
    unsigned chunks;   /* of raw data, as codec_lane.c makes them */
    unsigned lanes;
};

static struct crowd count_crowd(const struct placement *placement)
{
    struct crowd crowd = {.lanes = placement->lane_count};

    for (unsigned i = 0; i < placement->lane_count; i++) {
        unsigned sessions = placement->lanes[i].sessions + 1;
        unsigned threads = placement->lanes[i].codec_threads;

        crowd.workers += placement->lanes[i].sessions;
        crowd.sessions += sessions;
        crowd.encoders += threads > 0 ? threads : sessions;
        crowd.chunks += threads > 0 ? 2 * (sessions + threads) : sessions;
    }
    return crowd;
}

/* A session fills one file at a time, but a file may wait for its last frame a little longer. Two
 * blocks on their way for each file keep a disk busy. */
static void plan_blocks(struct memory_plan *plan, const struct crowd *crowd)
{
    plan->files_in_blocks = crowd->sessions + 1;
    plan->blocks = plan->files_in_blocks + 2 * crowd->sessions;
    plan->block_bytes = 2 * plan->chunk_bytes;
}

/* As codec_lane.c makes its pools. */
static uint64_t count_chunks(const struct memory_plan *plan, const struct crowd *crowd)
{
    uint64_t frames = crowd->encoders +
                      (uint64_t)crowd->lanes * (plan->frames_waiting + plan->writes_in_flight + 1);

    return crowd->chunks + frames;
}

static void try_size(struct memory_plan *plan, const struct crowd *crowd, bool is_direct,
                     unsigned size)
{
    *plan = (struct memory_plan){
        .chunk_bytes = sizes[size].chunk_bytes,
        .writes_in_flight = sizes[size].writes_in_flight,
        .frames_waiting = 2 * crowd->encoders + sizes[size].writes_in_flight,
    };
    if (is_direct)
        plan_blocks(plan, crowd);
    plan->bytes = base_bytes + crowd->sessions * session_bytes + crowd->encoders * encoder_bytes +
                  count_chunks(plan, crowd) * plan->chunk_bytes +
                  (uint64_t)plan->blocks * plan->block_bytes;
}

/* From the lane that has the most; a lane keeps one, since its sessions do not encode. */
static bool give_up_codec_thread(struct placement *placement)
{
    struct lane *richest = &placement->lanes[0];

    for (unsigned i = 1; i < placement->lane_count; i++)
        if (placement->lanes[i].codec_threads > richest->codec_threads)
            richest = &placement->lanes[i];
    if (richest->codec_threads <= 1)
        return false;
    richest->codec_threads--;
    return true;
}

static bool refuse(uint64_t limit_bytes, uint64_t least_bytes, struct error *error)
{
    char limit[32];

    size_text_format(limit, sizeof(limit), limit_bytes);
    error_set(error, ERROR_USAGE, "a memory limit of %s is too small", limit);
    error_hint(error, "With so many jobs it takes at least %" PRIu64 "MB; fewer jobs take less.",
               (least_bytes + (1 << 20) - 1) >> 20);
    return false;
}

/* False: not even the smallest buffers fit. */
static bool fit(struct memory_plan *plan, struct placement *placement, bool is_direct,
                uint64_t goal_bytes)
{
    const unsigned size_count = sizeof(sizes) / sizeof(sizes[0]);
    struct crowd crowd = count_crowd(placement);

    for (unsigned size = 0; size < size_count; size++) {
        try_size(plan, &crowd, is_direct, size);
        if (plan->bytes <= goal_bytes)
            return true;
    }
    while (plan->bytes > goal_bytes && give_up_codec_thread(placement)) {
        crowd = count_crowd(placement);
        try_size(plan, &crowd, is_direct, size_count - 1);
    }
    return plan->bytes <= goal_bytes;
}

/* The coordinator reads rows as well, where nobody else could. libpq doubles its room for a row, so
 * only powers of two are of use. */
static size_t share_rest(const struct memory_plan *plan, unsigned workers, uint64_t goal_bytes)
{
    uint64_t rest = goal_bytes > plan->bytes ? goal_bytes - plan->bytes : 0;
    uint64_t share = rest / (workers + 1);
    size_t room = session_bytes;

    while (room <= share / 2)
        room *= 2;
    return room;
}

bool memory_plan_make(struct memory_plan *plan, struct placement *placement, bool is_direct,
                      uint64_t limit_bytes, struct error *error)
{
    unsigned workers = count_crowd(placement).workers;
    uint64_t default_bytes = ((uint64_t)64 << 20) + ((uint64_t)16 << 20) * workers;
    uint64_t goal_bytes = limit_bytes ? limit_bytes : default_bytes;
    bool fits = fit(plan, placement, is_direct, goal_bytes);

    plan->row_bytes = share_rest(plan, workers, goal_bytes);
    return fits || limit_bytes == 0 || refuse(limit_bytes, plan->bytes, error);
}
