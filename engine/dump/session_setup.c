#include "engine/dump/session_setup.h"

#include "engine/base/text.h"
#include "engine/sql/quote.h"

#include <stdio.h>
#include <string.h>

static void set_literal(struct text *sql, const char *name, const char *value)
{
    text_print(sql, "SET %s = ", name);
    quote_literal(sql, value, true);
    text_append(sql, ";\n");
}

/* A table swapped for a view must not run code with our rights (CVE-2024-7348); older minor
 * releases lack the setting. */
static void append_restriction(struct text *sql, enum relation_restriction restriction)
{
    text_print(sql,
               "SELECT pg_catalog.set_config(name, '%s', false)\n"
               "FROM pg_catalog.pg_settings WHERE name = 'restrict_nonsystem_relation_kind';\n",
               restriction == RESTRICT_VIEWS ? "view" : "view, foreign-table");
}

static void append_settings(struct text *sql, const struct dump_options *options,
                            int server_version)
{
    /* Until this one stands, a backslash in a literal below could mean two things. */
    text_append(sql, "SET standard_conforming_strings = on;\n"
                     "SELECT pg_catalog.set_config('search_path', '', false);\n");
    if (options->role) {
        text_append(sql, "SET ROLE ");
        quote_identifier(sql, options->role);
        text_append(sql, ";\n");
    }
    text_append(
        sql, "SET datestyle = ISO;\n"
             "SET intervalstyle = postgres;\n"
             "SET bytea_output = hex;\n"
             "SET synchronize_seqscans = off;\n"
             "SET statement_timeout = 0;\n"
             "SET lock_timeout = 0;\n"
             "SET idle_in_transaction_session_timeout = 0;\n"
             /* A parallel plan for one piece would take workers from the sessions of the others. */
             "SET max_parallel_workers_per_gather = 0;\n"
             /* A COPY of a query that seems expensive would be compiled: 1.4 times the server's
              * work. */
             "SET jit = off;\n");
    if (server_version >= 140000)
        text_append(sql, "SET idle_session_timeout = 0;\n");
    if (server_version >= 170000)
        text_append(sql, "SET transaction_timeout = 0;\n");
    set_literal(sql, "extra_float_digits",
                options->extra_float_digits ? options->extra_float_digits : "3");
    text_print(sql, "SET row_security = %s;\n", options->enable_row_security ? "on" : "off");
    if (options->quote_all_identifiers)
        text_append(sql, "SET quote_all_identifiers = true;\n");
    append_restriction(sql, RESTRICT_VIEWS_AND_FOREIGN_TABLES);
}

bool session_setup_apply(struct session *session, const struct dump_options *options,
                         struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    append_settings(&sql, options, session_server_version(session));

    bool is_done = session_execute(session, sql.data, error);

    text_clear(&sql);
    return is_done;
}

bool session_setup_restrict(struct session *session, enum relation_restriction restriction,
                            struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    append_restriction(&sql, restriction);

    bool is_done = session_execute(session, sql.data, error);

    text_clear(&sql);
    return is_done;
}

bool session_setup_encoding(struct session *session, const char *encoding, struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    set_literal(&sql, "client_encoding", encoding);

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
