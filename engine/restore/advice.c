#include "engine/restore/advice.h"

#include "engine/base/size_text.h"

#include <inttypes.h>
#include <stdio.h>

/* Every row goes into the server's log once, and so does each index, at about this part of its
 * table's size. A checkpoint begins when half to two thirds of max_wal_size is full. */
enum { INDEX_PART = 5, CHECKPOINT_PERCENT = 60, FEW_CHECKPOINTS = 2, US_PER_S = 1000 * 1000 };
/* Parallel builds gain about this much on a free processor. */
#define LARGE_INDEX_BYTES (UINT64_C(4) << 30)

static uint64_t log_bytes(const struct advice_archive *archive)
{
    return archive->rows_bytes + archive->index_bytes / INDEX_PART;
}

static uint64_t checkpoints_by_size(const struct server_facts *facts,
                                    const struct advice_archive *archive)
{
    uint64_t interval = facts->max_wal_bytes / 100 * CHECKPOINT_PERCENT;

    return interval > 0 ? log_bytes(archive) / interval : 0;
}

static uint64_t checkpoints_by_time(const struct server_facts *facts,
                                    const struct advice_archive *archive)
{
    return facts->checkpoint_timeout_s > 0
               ? archive->duration_us / US_PER_S / facts->checkpoint_timeout_s
               : 0;
}

/* To the next power of two, as people set it. */
static uint64_t enough_log_bytes(const struct advice_archive *archive)
{
    uint64_t bytes = UINT64_C(1) << 30;

    while (bytes < log_bytes(archive) / 100 * (2 * 100 - CHECKPOINT_PERCENT) &&
           bytes < UINT64_C(256) << 30)
        bytes *= 2;
    return bytes;
}

static void advise_log_size(char advice[ADVICE_BYTES], const struct server_facts *facts,
                            const struct advice_archive *archive, uint64_t checkpoints)
{
    char has[32], log[32], wanted[32];

    size_text_format(has, sizeof has, facts->max_wal_bytes);
    size_text_format(log, sizeof log, log_bytes(archive));
    size_text_format(wanted, sizeof wanted, enough_log_bytes(archive));
    snprintf(advice, ADVICE_BYTES,
             "the server's max_wal_size (%s) slows this restore most: about %s of log make "
             "%" PRIu64 " checkpoints, each of which writes pages out and makes more log; with %s "
             "there would be next to none",
             has, log, checkpoints, wanted);
}

static void advise_timeout(char advice[ADVICE_BYTES], const struct server_facts *facts,
                           uint64_t checkpoints)
{
    snprintf(advice, ADVICE_BYTES,
             "the server's checkpoint_timeout (%u s) slows this restore most: it makes about "
             "%" PRIu64 " checkpoints in its course; with an hour there would be next to none",
             facts->checkpoint_timeout_s, checkpoints);
}

static void advise_workers(char advice[ADVICE_BYTES])
{
    snprintf(advice, ADVICE_BYTES,
             "the server's max_parallel_workers is 0, which slows this restore most: large indexes "
             "are built by one process each; with helpers they would take about half the time");
}

void advice_give(char advice[ADVICE_BYTES], const struct server_facts *facts,
                 const struct advice_archive *archive)
{
    uint64_t by_size = checkpoints_by_size(facts, archive);
    uint64_t by_time = checkpoints_by_time(facts, archive);

    advice[0] = '\0';
    if (by_size >= FEW_CHECKPOINTS && by_size >= by_time)
        advise_log_size(advice, facts, archive, by_size);
    else if (by_time >= FEW_CHECKPOINTS)
        advise_timeout(advice, facts, by_time);
    else if (facts->parallel_workers == 0 && archive->index_bytes >= LARGE_INDEX_BYTES)
        advise_workers(advice);
}
