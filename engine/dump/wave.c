#include "engine/dump/wave.h"

#include "engine/base/memory.h"

#include <stdlib.h>

/* Told of a wave: the end of each batch; of a task, that it was left to the coordinator; of a
 * worker, at most two things, since it ends with one of them. */
static size_t most_outcomes(size_t batches, size_t tasks, unsigned workers)
{
    return batches + tasks + 2 * (size_t)workers + 1;
}

void wave_open(struct wave *wave, struct arena *arena, const struct wave_request *request,
               unsigned workers)
{
    const struct copy_batches batches =
        batches_make(arena, request->tasks, request->count, workers);

    *wave = (struct wave){
        .snapshot = request->snapshot,
        .batch_count = batches.count,
        .batches = queue_create(batches.count + 1),
        .outcomes = queue_create(most_outcomes(batches.count, request->count, workers)),
    };
    for (size_t i = 0; i < batches.count; i++)
        (void)!queue_push(wave->batches, &batches.items[i]);
    queue_close(wave->batches);
}

void wave_close(struct wave *wave)
{
    void *item;

    queue_free(wave->batches);
    while (queue_try_pop(wave->outcomes, &item))
        free(item);
    queue_free(wave->outcomes);
}

void wave_report(struct wave *wave, const struct outcome *outcome)
{
    struct outcome *told = memory_allocate(1, sizeof(*told));

    *told = *outcome;
    if (!queue_push(wave->outcomes, told))
        free(told);
}
