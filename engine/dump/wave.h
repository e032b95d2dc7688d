/* Tasks on their way to the workers, in batches, and what becomes of each, on its way back to the
 * coordinator. Neither waits: there is room for all that can be told. */
#ifndef PGFAST_DUMP_WAVE_H
#define PGFAST_DUMP_WAVE_H

#include "engine/base/queue.h"
#include "engine/dump/batches.h"
#include "engine/dump/workers.h"

#include <stdatomic.h>

enum outcome_kind {
    OUTCOME_DONE,       /* a batch, but for what was left to the coordinator */
    OUTCOME_DEFERRED,   /* somebody waits for a stronger lock: only the coordinator, who holds one,
                           may read the table */
    OUTCOME_UNREADABLE, /* as it was planned: the coordinator reads it another way */
    OUTCOME_RETURNED,   /* what is left of a batch whose worker has found no room in the server */
    OUTCOME_FAILED,
    OUTCOME_NOT_OPENED, /* the worker has no session */
};

struct outcome {
    enum outcome_kind kind;
    const struct copy_task *task; /* deferred, unreadable */
    struct copy_batch rest;       /* returned */
    struct error error;           /* unreadable, returned, failed, not opened */
};

struct wave {
    _Atomic(const char *) snapshot; /* changes when another session takes the coordinator's place */
    size_t batch_count;
    struct queue *batches;  /* of struct copy_batch *, all of them, closed */
    struct queue *outcomes; /* of struct outcome *; never full */
};

void wave_open(struct wave *wave, struct arena *arena, const struct wave_request *request,
               unsigned workers);
void wave_close(struct wave *wave);

/* By value; what it does not need is left out. */
void wave_report(struct wave *wave, const struct outcome *outcome);

#endif
