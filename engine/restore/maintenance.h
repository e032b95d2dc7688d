/* Memory and helpers for each index that is built and each key that is checked, so that all that
 * run at the same time stay within one budget. Pure. */
#ifndef PGFAST_RESTORE_MAINTENANCE_H
#define PGFAST_RESTORE_MAINTENANCE_H

#include "engine/restore/plan.h"
#include "engine/restore/server_facts.h"

#include <stddef.h>
#include <stdint.h>

struct maintenance_work {
    size_t indexes, keys; /* large enough to matter */
    unsigned sessions;
    uint64_t budget_bytes; /* for all together; 0: chosen */
};

void maintenance_count(struct maintenance_work *work, const struct plan *plan, unsigned expansion);

/* What a session sets; zeros leave it as the server has it. */
struct maintenance_share {
    uint64_t memory_kb; /* maintenance_work_mem */
    unsigned workers;   /* max_parallel_maintenance_workers */
};

struct maintenance_share maintenance_divide(const struct server_facts *facts,
                                            const struct maintenance_work *work);

#endif
