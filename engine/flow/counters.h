/* Progress numbers: written by many threads with relaxed atomics, read by the display whenever it
 * likes. Each counter has a cache line of its own. */
#ifndef PGFAST_FLOW_COUNTERS_H
#define PGFAST_FLOW_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

struct counter {
    _Alignas(64) _Atomic uint64_t value;
};

struct counters {
    struct counter entries_total; /* data entries (dump), entries of any kind (restore) */
    struct counter entries_done;
    struct counter raw_bytes_total; /* an estimate in a dump, exact or estimated in a restore */
    struct counter raw_bytes_done;
    struct counter stored_bytes_done; /* what the files took or gave */
    struct counter rows_done;
    /* Restore: estimated work, in microseconds of one session. That of loading is done as far as
       the stored bytes of the tables are read, the rest step by step. */
    struct counter load_us_total;
    struct counter load_stored_bytes_total;
    struct counter steps_us_total;
    struct counter steps_us_done;
    struct counter builds_us_running; /* estimates of the indexes and keys being built just now */
    struct counter tables_loading;    /* just now */
    struct counter loads_running;     /* sessions that are at these tables */
    struct counter indexes_building;  /* as the server says, now and then */
    struct counter indexes_percent;   /* how far they are on the average */
    struct counter sessions_busy;
    struct counter errors;
};

static inline void counter_add(struct counter *counter, uint64_t amount)
{
    atomic_fetch_add_explicit(&counter->value, amount, memory_order_relaxed);
}

static inline void counter_set(struct counter *counter, uint64_t value)
{
    atomic_store_explicit(&counter->value, value, memory_order_relaxed);
}

static inline uint64_t counter_read(const struct counter *counter)
{
    return atomic_load_explicit(&counter->value, memory_order_relaxed);
}

#endif
