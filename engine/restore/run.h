/* A restore from beginning to end, on the calling thread and on crews of its own. */
#ifndef PGFAST_RESTORE_RUN_H
#define PGFAST_RESTORE_RUN_H

#include "engine/base/error.h"
#include "engine/flow/watch.h"
#include "engine/restore/selection.h"
#include "engine/server/connection.h"

#include <stdint.h>

struct restore_options {
    struct connection_words connection;
    const char *input_path;
    unsigned jobs;
    struct selection_options selection; /* use_list: filled by the run from use_list_path */
    const char *use_list_path;
    bool no_owner, no_tablespaces, no_table_access_method, use_session_authorization, clean,
        if_exists, exit_on_error, single_transaction, disable_triggers, enable_row_security,
        no_data_for_failed_tables, no_analyze, untrusted, resume, no_journal,
        salvages /* what is damaged is left out, and told */;
    const char *role, *superuser;
    unsigned reconnect_seconds; /* how long a lost session is tried to be replaced; 0: chosen */
    uint64_t maintenance_bytes; /* memory for all that is built at the same time; 0: chosen */
    unsigned stall_seconds;     /* a session that is stuck so long ends the run; 0: none does */
};

struct restore_totals {
    uint64_t entries, tables, chunks, large_objects, rows, raw_bytes, stored_bytes, errors;
};

/* True: all that was asked is done. ERROR_OBJECTS: finished, but objects failed, each told by an
 * event of the watch. */
bool restore_run(const struct restore_options *options, struct watch *watch,
                 struct restore_totals *totals, struct error *error) MUST_CHECK;

#endif
