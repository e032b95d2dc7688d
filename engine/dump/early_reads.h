/* Tables that are read while pg_dump still reads definitions: the time it takes is otherwise lost.
 * What a dump will surely hold is guessed from the catalog, locked without waiting, compared with
 * the present like any table, and given to the workers. When the table of contents has come, each
 * of its entries may claim what was read for it; the rest is withdrawn. All on the coordinator. */
#ifndef PGFAST_DUMP_EARLY_READS_H
#define PGFAST_DUMP_EARLY_READS_H

#include "engine/dump/data_flow.h"
#include "engine/dump/formats.h"
#include "engine/dump/plan.h"

struct early_reads;

struct early_reads_options {
    const struct dump_options *options;
    struct arena *arena; /* of the run */
    struct session *coordinator, *observer;
    enum data_format format;
    const struct data_flow_options *flow; /* how to start one */
    struct data_flow **started;           /* where to put it */
};

struct early_reads *early_reads_create(const struct early_reads_options *options);
void early_reads_free(struct early_reads *early); /* after the flow; accepts NULL */

/* In the coordinator's transaction, which has exported the snapshot. Guesses nothing where there is
 * doubt: options that choose, a lock that is not to be had, a table that has changed. Once only. */
bool early_reads_prepare(struct early_reads *early, struct error *error) MUST_CHECK;

/* Opens the workers' sessions, if there is anything to read. */
bool early_reads_start(struct early_reads *early, const char *snapshot,
                       struct error *error) MUST_CHECK;

/* The snapshot was no good: nothing of it may be claimed. */
void early_reads_withdraw(struct early_reads *early);

/* What is locked, and compared, by it: oids, ascending. */
const uint32_t *early_reads_oids(const struct early_reads *early, size_t *count);

/* The relations; none after a withdrawal. */
const struct schema *early_reads_schema(const struct early_reads *early);

/* What was read for a TABLE DATA entry: the same table, the same columns. NULL: nothing. */
const struct early_table *early_reads_claim(struct early_reads *early,
                                            const struct toc_entry *entry);

/* After the last claim. */
void early_reads_withdraw_unclaimed(struct early_reads *early);

#endif
