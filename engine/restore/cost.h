/* How long the steps of a restore take, roughly: microseconds for one session, of rows in bytes as
 * COPY writes them. Measured on one machine (PERFORMANCE.md); what matters is how they compare. */
#ifndef PGFAST_RESTORE_COST_H
#define PGFAST_RESTORE_COST_H

#include <stdint.h>

enum {
    COST_STATEMENT_US = 300,
    COST_LOAD_NS = 9, /* for each byte, as all that follow */
    COST_INDEX_PS = 2500,
    COST_KEY_PS = 600,
    COST_SAMPLE_PS = 600,
    PS_PER_US = 1000 * 1000
};
/* ANALYZE looks at a sample, whatever the size of the table. */
#define COST_SAMPLED_BYTES (UINT64_C(240) << 20)

static inline uint64_t cost_of_load(uint64_t bytes)
{
    return COST_STATEMENT_US + bytes / 1000 * COST_LOAD_NS;
}

static inline uint64_t cost_of_index(uint64_t table_bytes)
{
    return COST_STATEMENT_US + table_bytes / PS_PER_US * COST_INDEX_PS;
}

/* Of an index, with helpers: one process merges what all have sorted, and writes it. */
enum { COST_ALONE_PERCENT = 40 };
static inline uint64_t cost_with_workers(uint64_t cost_us, unsigned workers)
{
    uint64_t alone_us = cost_us * COST_ALONE_PERCENT / 100;

    return alone_us + (cost_us - alone_us) / (workers + 1);
}

/* Of a foreign key, over both tables. */
static inline uint64_t cost_of_key(uint64_t tables_bytes)
{
    return COST_STATEMENT_US + tables_bytes / PS_PER_US * COST_KEY_PS;
}

static inline uint64_t cost_of_analyze(uint64_t table_bytes)
{
    uint64_t sampled = table_bytes < COST_SAMPLED_BYTES ? table_bytes : COST_SAMPLED_BYTES;

    return COST_STATEMENT_US + sampled / PS_PER_US * COST_SAMPLE_PS;
}

#endif
