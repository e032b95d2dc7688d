#include "engine/sql/read_settings.h"

#include "engine/sql/quote.h"

void read_settings_append_literal(struct text *sql, const char *name, const char *value)
{
    text_print(sql, "SET %s = ", name);
    quote_literal(sql, value, true);
    text_append(sql, ";\n");
}

/* A table swapped for a view must not run code with our rights (CVE-2024-7348); older minor
 * releases lack the setting. */
void read_settings_append_restriction(struct text *sql, enum relation_restriction restriction)
{
    text_print(sql,
               "SELECT pg_catalog.set_config(name, '%s', false)\n"
               "FROM pg_catalog.pg_settings WHERE name = 'restrict_nonsystem_relation_kind';\n",
               restriction == RESTRICT_VIEWS ? "view" : "view, foreign-table");
}

static void append_role(struct text *sql, const char *role)
{
    if (role == NULL)
        return;
    text_append(sql, "SET ROLE ");
    quote_identifier(sql, role);
    text_append(sql, ";\n");
}

static void append_limits(struct text *sql, int server_version)
{
    text_append(sql, "SET statement_timeout = 0;\n"
                     "SET lock_timeout = 0;\n"
                     "SET idle_in_transaction_session_timeout = 0;\n");
    if (server_version >= 140000)
        text_append(sql, "SET idle_session_timeout = 0;\n");
    if (server_version >= 170000)
        text_append(sql, "SET transaction_timeout = 0;\n");
}

void read_settings_append(struct text *sql, const struct read_settings *settings,
                          int server_version)
{
    /* Until this one stands, a backslash in a literal below could mean two things. */
    text_append(sql, "SET standard_conforming_strings = on;\n"
                     "SELECT pg_catalog.set_config('search_path', '', false);\n");
    append_role(sql, settings->role);
    text_append(
        sql, "SET datestyle = ISO;\n"
             "SET intervalstyle = postgres;\n"
             "SET bytea_output = hex;\n"
             "SET synchronize_seqscans = off;\n"
             /* A parallel plan for one piece would take workers from the sessions of the others. */
             "SET max_parallel_workers_per_gather = 0;\n"
             /* A COPY of a query that seems expensive would be compiled: 1.4 times the server's
              * work. */
             "SET jit = off;\n");
    append_limits(sql, server_version);
    read_settings_append_literal(sql, "extra_float_digits",
                                 settings->extra_float_digits ? settings->extra_float_digits : "3");
    text_print(sql, "SET row_security = %s;\n", settings->enable_row_security ? "on" : "off");
    if (settings->quote_all_identifiers)
        text_append(sql, "SET quote_all_identifiers = true;\n");
    read_settings_append_restriction(sql, RESTRICT_VIEWS_AND_FOREIGN_TABLES);
}
