/* Memory and helpers for each index that is built and each key that is checked, dealt out as they
 * begin: by what runs at the same time, what is still to come, and what the server has. All that
 * run together stay within one budget. A pure state machine; one thread, the coordinator's. */
#ifndef PGFAST_RESTORE_MAINTENANCE_H
#define PGFAST_RESTORE_MAINTENANCE_H

#include "engine/restore/plan.h"
#include "engine/restore/server_facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum maintenance_kind {
    MAINTENANCE_NONE,  /* what needs neither memory nor helpers, and keeps no session for long */
    MAINTENANCE_SMALL, /* builds and checks of what every server sorts in the memory it has */
    MAINTENANCE_LOAD,  /* of a large table: it keeps a session, no more */
    MAINTENANCE_INDEX,
    MAINTENANCE_KEY,
    MAINTENANCE_KIND_COUNT
};

struct maintenance_limits {
    struct server_facts facts;
    unsigned sessions;
    unsigned processors;   /* of the server, where it runs on this machine; 0: not known */
    uint64_t budget_bytes; /* for all together; 0: chosen */
};

/* What a session sets before it begins. Zero: all as the server has it. */
struct maintenance_grant {
    uint64_t memory_kb; /* maintenance_work_mem */
    bool sets_workers;
    unsigned workers; /* max_parallel_maintenance_workers */
    bool is_spread;   /* all workers for tables of any size (min_parallel_table_scan_size = 0) */
};

struct maintenance {
    struct maintenance_limits limits;
    bool is_limited; /* something large is at hand, and the server was asked */
    unsigned expansion;
    size_t unfinished[MAINTENANCE_KIND_COUNT]; /* steps, running ones among them */
    unsigned running[MAINTENANCE_KIND_COUNT];
    uint64_t taken_kb;
    unsigned taken_workers;
};

/* Counts what the plan has; grants nothing before it has limits. */
void maintenance_init(struct maintenance *maintenance, const struct plan *plan, unsigned expansion);
bool maintenance_is_large(const struct maintenance *maintenance);
void maintenance_limit(struct maintenance *maintenance, const struct maintenance_limits *limits);

enum maintenance_kind maintenance_kind_of(const struct maintenance *maintenance,
                                          const struct plan_step *step);

/* Before a session begins with steps of a kind, one after the other; and when it is done with
 * `count` of them. */
struct maintenance_grant maintenance_begin(struct maintenance *maintenance,
                                           enum maintenance_kind kind);
void maintenance_end(struct maintenance *maintenance, enum maintenance_kind kind, size_t count,
                     const struct maintenance_grant *grant);

bool maintenance_grants_are_equal(const struct maintenance_grant *one,
                                  const struct maintenance_grant *other);

#endif
