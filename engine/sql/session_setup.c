/* What a session of a restore sets before it does anything else. */
#include "engine/sql/archive_settings.h"
#include "engine/sql/quote.h"
#include "engine/sql/statement_builder.h"

#include <string.h>

/* Settings that roles and databases may carry and that would end or bend a restore, each with the
 * first server that knows it. */
struct fixed_setting {
    int since_version;
    const char *sql;
};

static const struct fixed_setting timeouts[] = {
    {0, "SET statement_timeout = 0"},
    {90300, "SET lock_timeout = 0"},
    {90600, "SET idle_in_transaction_session_timeout = 0"},
    {140000, "SET idle_session_timeout = 0"},
    {170000, "SET transaction_timeout = 0"},
};

/* With array_nulls off, a NULL in an array would silently come back as text, and with
 * transform_null_equals on, views and checks would be made of other expressions. Sessions that run
 * side by side must see what the others commit, and be no failure of serialization to them. */
static const struct fixed_setting meanings[] = {
    {0, "SET check_function_bodies = false"},
    {0, "SET xmloption = content"},
    {0, "SET array_nulls = on"},
    {0, "SET transform_null_equals = off"},
    {0, "SET default_transaction_isolation = 'read committed'"},
    {0, "SET client_min_messages = warning"},
};

/* An archive may come with this among its database's settings, and must not lock itself out. In a
 * database of others it is a guard, which is not ours to step over. */
static const char write_to_own[] = "SET default_transaction_read_only = off";

static void add_fixed(struct statement_builder *builder, const struct fixed_setting *settings,
                      size_t count, int server_version)
{
    for (size_t i = 0; i < count; i++)
        if (server_version >= settings[i].since_version)
            builder_add(builder, STATEMENT_SETTING, settings[i].sql);
}

static void add_search_path(struct statement_builder *builder,
                            const struct archive_settings *settings)
{
    struct text sql;
    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, "SELECT pg_catalog.set_config('search_path', ");
    quote_literal(&sql, settings->search_path ? settings->search_path : "",
                  settings->conforming_strings);
    text_append(&sql, ", false)");
    builder_add_text(builder, STATEMENT_SETTING, &sql);
}

static void add_role(struct statement_builder *builder, const char *role)
{
    struct text sql;
    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, "SET ROLE ");
    quote_identifier(&sql, role);
    builder_add_text(builder, STATEMENT_SETTING, &sql);
}

/* The archive's database may have a role among its settings, too, who need not have any rights. */
static void add_settings_of_own(struct statement_builder *builder,
                                const struct session_setup *setup)
{
    struct text sql;

    builder_add(builder, STATEMENT_SETTING, write_to_own);
    if (setup->role != NULL || setup->first_role == NULL)
        return;
    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, "SELECT pg_catalog.set_config('role', ");
    quote_literal(&sql, setup->first_role, true);
    text_append(&sql, ", false)");
    builder_add_text(builder, STATEMENT_SETTING, &sql);
}

/* Servers from 14 on take rows whose sender says SQL_ASCII for proven, whatever encoding the
 * database has (COPY checks them against the sender's): said to be in the database's own, they are
 * checked, and otherwise they are not touched either. */
static const char *encoding_of_session(const struct archive_settings *settings,
                                       const struct session_setup *setup)
{
    bool is_known = strcmp(settings->encoding, "SQL_ASCII") != 0;

    return is_known || setup->database_encoding == NULL ? settings->encoding
                                                        : setup->database_encoding;
}

bool statement_session_setup(struct statement_list *list, struct arena *arena,
                             const struct toc *toc, const struct session_setup *setup,
                             struct error *error)
{
    struct archive_settings settings;
    if (!archive_settings_read(&settings, arena, toc, error))
        return false;

    struct statement_builder builder;
    builder_begin(&builder, list, arena, NULL, NULL);
    add_fixed(&builder, timeouts, sizeof(timeouts) / sizeof(timeouts[0]), setup->server_version);
    builder_add(
        &builder, STATEMENT_SETTING,
        arena_print(arena, "SET client_encoding = '%s'", encoding_of_session(&settings, setup)));
    builder_add(&builder, STATEMENT_SETTING,
                settings.conforming_strings ? "SET standard_conforming_strings = on"
                                            : "SET standard_conforming_strings = off");
    if (setup->role)
        add_role(&builder, setup->role);
    if (setup->is_in_own_database)
        add_settings_of_own(&builder, setup);
    add_search_path(&builder, &settings);
    add_fixed(&builder, meanings, sizeof(meanings) / sizeof(meanings[0]), setup->server_version);
    if (!settings.conforming_strings)
        builder_add(&builder, STATEMENT_SETTING, "SET escape_string_warning = off");
    if (setup->server_version >= 90500)
        builder_add(&builder, STATEMENT_SETTING,
                    setup->enable_row_security ? "SET row_security = on"
                                               : "SET row_security = off");
    return builder_end(&builder, error);
}
