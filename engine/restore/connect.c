#include "engine/restore/connect.h"

#include "engine/restore/untrusted.h"

#include <assert.h>
#include <string.h>

/* Otherwise each object would fail by itself. */
static bool fail_read_only(bool is_standby, struct error *error)
{
    if (is_standby) {
        error_set(error, ERROR_CONFLICT, "the target server is a standby, which is read-only");
        error_hint(error, "Restore into its primary server.");
    } else {
        error_set(error, ERROR_CONFLICT,
                  "sessions of the target are read-only (default_transaction_read_only = on)");
        error_hint(error, "If it is meant to be written to all the same, say so for this restore: "
                          "PGOPTIONS='-c default_transaction_read_only=off'.");
    }
    return false;
}

static bool look_at_server(struct restore *restore, struct error *error)
{
    const char *question = "SELECT pg_catalog.pg_is_in_recovery(),"
                           " pg_catalog.current_setting('transaction_read_only')::boolean,"
                           " pg_catalog.current_setting('max_locks_per_transaction')::bigint *"
                           " (pg_catalog.current_setting('max_connections')::bigint +"
                           " pg_catalog.current_setting('max_prepared_transactions')::bigint),"
                           " pg_catalog.current_setting('block_size'),"
                           " pg_catalog.current_setting('role')";
    struct rows *rows;

    if (!session_query(restore->target->session, question, &rows, error))
        return false;
    bool is_standby = strcmp(rows_text(rows, 0, 0), "t") == 0;
    bool is_read_only = strcmp(rows_text(rows, 0, 1), "t") == 0;
    restore->settings.lock_slots = rows_number(rows, 0, 2);
    restore->settings.block_bytes = rows_number(rows, 0, 3);
    restore->settings.first_role = arena_print(restore->arena, "%s", rows_text(rows, 0, 4));
    restore->target->batch_size =
        batch_size_for(restore->settings.lock_slots, restore->settings.sessions);
    rows_free(rows);
    return is_standby || is_read_only ? fail_read_only(is_standby, error) : true;
}

/* From the first session on, all go to the server and user that it has found. */
static bool pin(struct restore *restore, struct error *error)
{
    assert(restore->target != NULL);
    struct connection *pinned = connection_pin(restore->target->session);

    if (pinned == NULL)
        return error_set(error, ERROR_RESOURCE, "no memory for the connection's parameters");
    connection_free(restore->connection);
    restore->connection = pinned;
    restore->target->connection = pinned;
    return true;
}

bool connect_open(struct restore *restore, struct error *error)
{
    if (!target_open_again(&restore->target, restore->connection, &restore->settings, error))
        return false;
    (void)target_forget_warnings(restore->target); /* the first session told them */
    return pin(restore, error);
}

void connect_close(struct restore *restore)
{
    target_close(restore->target);
    restore->target = NULL;
}

bool connect_first(struct restore *restore, struct error *error)
{
    struct connection_words words = restore->options->connection;

    if (words.database == NULL && restore->options->selection.create)
        words.database = "postgres";
    atomic_store(&restore->watch->phase, "connecting");
    restore->connection = connection_create(&words);
    if (!target_open_patiently(&restore->target, restore->connection, &restore->settings, error))
        return false;
    if (!pin(restore, error))
        return false;
    target_warn(restore->target, "connection");
    if (restore->options->untrusted && !untrusted_check_user(restore->target->session, error))
        return false;
    if (!look_at_server(restore, error))
        return false;

    const struct watchdog_limits limits = {.stall_seconds = restore->options->stall_seconds};

    restore->watchdog = watchdog_start(restore->connection, restore->watch, &limits);
    return true;
}

bool connect_to_database(struct restore *restore, const char *name, struct error *error)
{
    struct connection *moved = connection_to_database(restore->connection, name);

    connect_close(restore);
    connection_free(restore->connection);
    restore->connection = moved;
    restore->settings.is_in_own_database = true;
    return connect_open(restore, error);
}
