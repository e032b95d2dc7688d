#include "engine/restore/server_facts.h"

static const char question[] =
    "SELECT pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem')),"
    " pg_catalog.pg_size_bytes(pg_catalog.current_setting('shared_buffers')),"
    " pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_wal_size')),"
    " pg_catalog.current_setting('max_parallel_maintenance_workers', true),"
    " pg_catalog.current_setting('max_parallel_workers', true),"
    " pg_catalog.date_part('epoch', pg_catalog.current_setting('checkpoint_timeout')::interval)"
    "::bigint";

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
        .checkpoint_timeout_s = (unsigned)rows_number(rows, 0, 5),
    };
    rows_free(rows);
    return true;
}
