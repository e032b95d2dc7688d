/* What rows go through on their way to disk, as one: the workers' sessions and, behind them, the
 * pipeline. */
#ifndef PGFAST_DUMP_DATA_FLOW_H
#define PGFAST_DUMP_DATA_FLOW_H

#include "engine/dump/pipeline.h"
#include "engine/dump/workers.h"

struct data_flow;

/* workers.pipeline and .arenas, pipeline.workers are filled in here. */
struct data_flow_options {
    struct workers_options workers;
    struct pipeline_options pipeline;
};

bool data_flow_start(struct data_flow **flow, const struct data_flow_options *options,
                     struct error *error) MUST_CHECK;

/* More to read: as workers_add. */
void data_flow_add(struct data_flow *flow, const struct wave_request *request);

/* As workers_keep. */
void data_flow_keep(struct data_flow *flow, const struct holding *holding);

/* After all that was added: waits until it is on disk. False with the first failure, or the same
 * again. */
bool data_flow_finish(struct data_flow *flow, struct error *error) MUST_CHECK;

const struct data_writer *data_flow_writer(const struct data_flow *flow); /* after finish */
struct file_ledger *data_flow_ledger(const struct data_flow *flow);       /* the same */
const struct rescued_entry *
data_flow_rescued(const struct data_flow *flow); /* as workers_rescued */

const struct losses *data_flow_losses(const struct data_flow *flow); /* as workers_losses */

/* Accepts NULL; where it has not been finished, the run must have been cancelled. */
void data_flow_free(struct data_flow *flow);

#endif
