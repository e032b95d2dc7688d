#include "engine/dump/data_flow.h"

#include "engine/base/memory.h"

#include <stdlib.h>

struct data_flow {
    struct pipeline *pipeline;
    struct workers *workers;
    struct arena **arenas; /* one per worker, one for the coordinator */
    unsigned arena_count;
    bool is_finished;
    struct error failure; /* kind ERROR_NONE: none */
};

static void make_arenas(struct data_flow *flow, unsigned count)
{
    flow->arena_count = count;
    flow->arenas = memory_allocate(count, sizeof(struct arena *));
    for (unsigned i = 0; i < count; i++)
        flow->arenas[i] = arena_create();
}

static bool start(struct data_flow *flow, struct data_flow_options options, struct error *error)
{
    options.pipeline.workers = options.workers.count;
    if (!pipeline_start(&flow->pipeline, &options.pipeline, error))
        return false;
    options.workers.pipeline = flow->pipeline;
    options.workers.arenas = flow->arenas;
    return workers_start(&flow->workers, &options.workers, error);
}

bool data_flow_start(struct data_flow **flow, const struct data_flow_options *options,
                     struct error *error)
{
    struct data_flow *made = memory_allocate(1, sizeof(*made));

    make_arenas(made, options->workers.count + 1);
    if (start(made, *options, error)) {
        *flow = made;
        return true;
    }
    data_flow_free(made);
    return false;
}

void data_flow_add(struct data_flow *flow, const struct wave_request *request)
{
    workers_add(flow->workers, request);
}

void data_flow_keep(struct data_flow *flow, const struct holding *holding)
{
    workers_keep(flow->workers, holding);
}

/* Both ends may fail, and the one that was only stopped by the other is not the cause. */
static void finish(struct data_flow *flow)
{
    struct error read_error = {.kind = ERROR_NONE}, write_error = {.kind = ERROR_NONE};
    bool is_read = workers_finish(flow->workers, &read_error);
    bool is_written = pipeline_finish(flow->pipeline, &write_error);

    flow->is_finished = true;
    if (is_read && is_written)
        return;
    flow->failure =
        is_read || (read_error.kind == ERROR_CANCELLED && !is_written) ? write_error : read_error;
}

bool data_flow_finish(struct data_flow *flow, struct error *error)
{
    if (!flow->is_finished)
        finish(flow);
    if (flow->failure.kind == ERROR_NONE)
        return true;
    *error = flow->failure;
    return false;
}

const struct data_writer *data_flow_writer(const struct data_flow *flow)
{
    return pipeline_writer(flow->pipeline);
}

struct file_ledger *data_flow_ledger(const struct data_flow *flow)
{
    return pipeline_ledger(flow->pipeline);
}

const struct rescued_entry *data_flow_rescued(const struct data_flow *flow)
{
    return workers_rescued(flow->workers);
}

const struct losses *data_flow_losses(const struct data_flow *flow)
{
    return workers_losses(flow->workers);
}

void data_flow_free(struct data_flow *flow)
{
    if (!flow)
        return;
    workers_free(flow->workers);
    pipeline_free(flow->pipeline);
    for (unsigned i = 0; i < flow->arena_count; i++)
        arena_free(flow->arenas[i]);
    free(flow->arenas);
    free(flow);
}
