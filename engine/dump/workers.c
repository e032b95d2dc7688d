#include "engine/dump/workers.h"

#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/dump/coordinate.h"
#include "engine/dump/wave.h"
#include "engine/dump/worker.h"
#include "engine/server/row_room.h"

#include <stdlib.h>

struct workers {
    struct workers_options options;
    struct crew *crew;
    struct queue **inboxes; /* one per worker, of struct wave * */
    struct wave waves[WORKERS_MOST_WAVES];
    unsigned wave_count;
    struct coordination coordination;
};

static void work(void *context, unsigned index)
{
    struct workers *workers = context;

    worker_work(&workers->options, index, workers->inboxes[index]);
}

static void close_inboxes(struct workers *workers)
{
    for (unsigned i = 0; i < workers->options.count; i++)
        queue_close(workers->inboxes[i]);
}

static void abandon(void *context)
{
    struct workers *workers = context;

    cancel_set(workers->options.watch->cancel);
    close_inboxes(workers);
}

bool workers_start(struct workers **workers, const struct workers_options *options,
                   struct error *error)
{
    struct workers *made = memory_allocate(1, sizeof(*made));

    row_room_prepare();
    made->options = *options;
    coordination_init(&made->coordination, &made->options);
    made->inboxes = memory_allocate(options->count, sizeof(struct queue *));
    for (unsigned i = 0; i < options->count; i++)
        made->inboxes[i] = queue_create(WORKERS_MOST_WAVES);
    if (crew_start(&made->crew, "pgf-copy", options->count, work, abandon, made, error)) {
        *workers = made;
        return true;
    }
    workers_free(made);
    return false;
}

void workers_add(struct workers *workers, const struct wave_request *request)
{
    struct wave *wave = &workers->waves[workers->wave_count++];

    wave_open(wave, workers->options.arenas[workers->options.count], request,
              workers->options.count);
    for (unsigned i = 0; i < workers->options.count; i++)
        (void)!queue_push(workers->inboxes[i], wave);
}

void workers_keep(struct workers *workers, const struct holding *holding)
{
    workers->coordination.holding = holding;
}

bool workers_finish(struct workers *workers, struct error *error)
{
    close_inboxes(workers);
    coordinate(&workers->coordination, workers->waves, workers->wave_count);
    crew_join(workers->crew);
    workers->crew = NULL;
    return coordination_end(&workers->coordination, error);
}

const struct rescued_entry *workers_rescued(const struct workers *workers)
{
    return workers->coordination.rescued;
}

const struct losses *workers_losses(const struct workers *workers)
{
    return &workers->coordination.losses;
}

void workers_free(struct workers *workers)
{
    if (!workers)
        return;
    close_inboxes(workers);
    crew_join(workers->crew);
    for (unsigned i = 0; i < workers->wave_count; i++)
        wave_close(&workers->waves[i]);
    coordination_clear(&workers->coordination);
    for (unsigned i = 0; i < workers->options.count; i++)
        queue_free(workers->inboxes[i]);
    free(workers->inboxes);
    free(workers);
}
