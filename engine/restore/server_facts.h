/* What the server is set to, as far as it makes a restore fast or slow. */
#ifndef PGFAST_RESTORE_SERVER_FACTS_H
#define PGFAST_RESTORE_SERVER_FACTS_H

#include "engine/base/text.h"
#include "engine/server/session.h"

#include <stdbool.h>
#include <stdint.h>

struct server_facts {
    uint64_t maintenance_bytes;    /* maintenance_work_mem, of each session */
    uint64_t shared_buffers_bytes; /* usually a quarter of the machine's memory */
    uint64_t max_wal_bytes;        /* max_wal_size: a checkpoint comes before more is written */
    unsigned maintenance_workers;  /* max_parallel_maintenance_workers; before server 11: 0 */
    unsigned parallel_workers;     /* max_parallel_workers, of all sessions together */
    unsigned worker_slots;         /* of max_worker_processes, what others leave */
    unsigned checkpoint_timeout_s;
    char wal_level[16];
};

bool server_facts_read(struct server_facts *facts, struct session *session,
                       struct error *error) MUST_CHECK;

/* A line for people. */
void server_facts_print(struct text *text, const struct server_facts *facts, int version);

#endif
