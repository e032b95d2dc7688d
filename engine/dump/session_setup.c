#include "engine/dump/session_setup.h"

#include "engine/base/text.h"
#include "engine/sql/quote.h"

#include <stdio.h>
#include <string.h>

bool session_setup_apply(struct session *session, const struct dump_options *options,
                         struct error *error)
{
    const struct read_settings settings = {
        .role = options->role,
        .extra_float_digits = options->extra_float_digits,
        .enable_row_security = options->enable_row_security,
        .quote_all_identifiers = options->quote_all_identifiers,
    };
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    read_settings_append(&sql, &settings, session_server_version(session));

    bool is_done = session_execute(session, sql.data, error);

    text_clear(&sql);
    return is_done;
}

bool session_setup_restrict(struct session *session, enum relation_restriction restriction,
                            struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    read_settings_append_restriction(&sql, restriction);

    bool is_done = session_execute(session, sql.data, error);

    text_clear(&sql);
    return is_done;
}

bool session_setup_encoding(struct session *session, const char *encoding, struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    read_settings_append_literal(&sql, "client_encoding", encoding);

    bool is_done = session_execute(session, sql.data, error);

    text_clear(&sql);
    return is_done;
}

static bool import_into_transaction(struct session *session, const char *name, struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, "SET TRANSACTION SNAPSHOT ");
    quote_literal(&sql, name, true);

    bool is_done = session_execute(session, sql.data, error);

    text_clear(&sql);
    return is_done;
}

bool snapshot_export(struct session *session, char name[SNAPSHOT_NAME_BYTES], struct error *error)
{
    struct rows *rows = NULL;

    if (!session_query(session, "SELECT pg_catalog.pg_export_snapshot()", &rows, error))
        return false;
    snprintf(name, SNAPSHOT_NAME_BYTES, "%s", rows_text(rows, 0, 0));
    rows_free(rows);
    return true;
}

bool snapshot_begin(struct session *session, const struct dump_options *options,
                    struct error *error)
{
    const char *begin =
        options->serializable_deferrable
            ? "BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE"
            : "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";

    if (!session_execute(session, begin, error))
        return false;
    if (options->snapshot && !import_into_transaction(session, options->snapshot, error)) {
        error_prefix(error, "snapshot \"%s\"", options->snapshot);
        return false;
    }
    return true;
}

bool snapshot_import(struct session *session, const char *name, struct error *error)
{
    return session_execute(session, "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
                           error) &&
           import_into_transaction(session, name, error);
}
