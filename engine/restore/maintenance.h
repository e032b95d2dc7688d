/* Memory and helpers for each index that is built and each key that is checked, so that all that
 * run at the same time stay within one budget. Pure. */
#ifndef PGFAST_RESTORE_MAINTENANCE_H
#define PGFAST_RESTORE_MAINTENANCE_H

#include "engine/restore/plan.h"
#include "engine/restore/server_facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct maintenance_work {
    size_t indexes, keys; /* large enough to matter */
    unsigned sessions;
    unsigned processors;   /* of the server, where it runs on this machine; 0: not known */
    uint64_t budget_bytes; /* for all together; 0: chosen */
};

void maintenance_count(struct maintenance_work *work, const struct plan *plan, unsigned expansion);

/* What a session sets. */
struct maintenance_share {
    uint64_t memory_kb; /* maintenance_work_mem; 0: as the server has it */
    bool sets_workers;
    unsigned workers; /* max_parallel_maintenance_workers, for each build */
    bool is_spread;   /* all workers for tables of any size (min_parallel_table_scan_size = 0) */
};

struct maintenance_share maintenance_divide(const struct server_facts *facts,
                                            const struct maintenance_work *work);

#endif
