#include "engine/dump/batches.h"

/* A worker's locks last as long as its batch, and the server keeps room for 64 in each transaction,
 * by default. */
enum { MOST_TASKS = 60, BATCHES_A_WORKER = 8 };

static const uint64_t most_bytes = 1 << 20;

static size_t tasks_a_batch(size_t count, unsigned workers)
{
    size_t share = count / ((size_t)workers * BATCHES_A_WORKER);

    if (share > MOST_TASKS)
        return MOST_TASKS;
    return share > 0 ? share : 1;
}

static bool can_share(const struct copy_task *task)
{
    return task->kind == COPY_TABLE && task->lock_name;
}

static size_t batch_length(const struct copy_task *tasks, size_t left, size_t most)
{
    uint64_t bytes = tasks[0].cost_bytes;
    size_t length = 1;

    if (!can_share(&tasks[0]))
        return 1;
    while (length < left && length < most && can_share(&tasks[length]) &&
           bytes + tasks[length].cost_bytes <= most_bytes)
        bytes += tasks[length++].cost_bytes;
    return length;
}

struct copy_batches batches_make(struct arena *arena, const struct copy_task *tasks, size_t count,
                                 unsigned workers)
{
    struct copy_batches batches = {.items =
                                       arena_allocate(arena, count + 1, sizeof(*batches.items))};
    size_t most = tasks_a_batch(count, workers);

    for (size_t first = 0; first < count;) {
        size_t length = batch_length(tasks + first, count - first, most);

        batches.items[batches.count++] = (struct copy_batch){tasks + first, length};
        first += length;
    }
    return batches;
}
