#include "engine/restore/server_facts.h"

#include "engine/base/size_text.h"

#include <stdio.h>

static const char question[] =
    "SELECT pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem')),"
    " pg_catalog.pg_size_bytes(pg_catalog.current_setting('shared_buffers')),"
    " pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_wal_size')),"
    " pg_catalog.current_setting('max_parallel_maintenance_workers', true),"
    " pg_catalog.current_setting('max_parallel_workers', true),"
    /* Who may not see the others' kinds still knows of the one that each server has. */
    " greatest(0, pg_catalog.current_setting('max_worker_processes')::bigint - greatest(1, (SELECT"
    " pg_catalog.count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type NOT IN"
    " ('client backend', 'autovacuum launcher', 'autovacuum worker', 'background writer',"
    " 'checkpointer', 'startup', 'walreceiver', 'walsender', 'walwriter', 'archiver', 'logger',"
    " 'io worker', 'slotsync worker', 'walsummarizer', 'standalone backend', 'parallel worker')))),"
    " pg_catalog.date_part('epoch', pg_catalog.current_setting('checkpoint_timeout')::interval)"
    "::bigint, pg_catalog.current_setting('wal_level')";

bool server_facts_read(struct server_facts *facts, struct session *session, struct error *error)
{
    struct rows *rows;

    if (!session_query(session, question, &rows, error))
        return false;
    *facts = (struct server_facts){
        .maintenance_bytes = rows_number(rows, 0, 0),
        .shared_buffers_bytes = rows_number(rows, 0, 1),
        .max_wal_bytes = rows_number(rows, 0, 2),
        .maintenance_workers = (unsigned)rows_number(rows, 0, 3),
        .parallel_workers = (unsigned)rows_number(rows, 0, 4),
        .worker_slots = (unsigned)rows_number(rows, 0, 5),
        .checkpoint_timeout_s = (unsigned)rows_number(rows, 0, 6),
    };
    snprintf(facts->wal_level, sizeof facts->wal_level, "%s", rows_text(rows, 0, 7));
    rows_free(rows);
    return true;
}

void server_facts_print(struct text *text, const struct server_facts *facts, int version)
{
    char memory[32], buffers[32], log[32];

    size_text_format(memory, sizeof memory, facts->maintenance_bytes);
    size_text_format(buffers, sizeof buffers, facts->shared_buffers_bytes);
    size_text_format(log, sizeof log, facts->max_wal_bytes);
    text_print(
        text,
        "; server %d: maintenance_work_mem %s, shared_buffers %s, max_wal_size %s, wal_level "
        "%s, parallel workers %u, of which %u are to be had\n",
        version / 10000, memory, buffers, log, facts->wal_level, facts->parallel_workers,
        facts->worker_slots < facts->parallel_workers ? facts->worker_slots
                                                      : facts->parallel_workers);
}
