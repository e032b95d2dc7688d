#include "engine/sql/session_state.h"

#include "engine/sql/quote.h"

#include <string.h>

static bool is_same(const char *has, const char *wanted)
{
    return has && strcmp(has, wanted) == 0;
}

void session_state_become(struct statement_builder *builder, const char *user)
{
    const char *wanted = user ? user : "";
    if (is_same(builder->state->user, wanted))
        return;
    struct text sql;
    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, "SET SESSION AUTHORIZATION ");
    if (*wanted)
        quote_literal(&sql, wanted, builder->options->conforming_strings);
    else
        text_append(&sql, "DEFAULT");
    builder_add_text(builder, STATEMENT_SETTING, &sql);
    builder->state->user = wanted;
}

void session_state_become_owner(struct statement_builder *builder, const struct toc_entry *entry)
{
    if (builder->options->use_session_authorization && !builder->options->no_owner)
        session_state_become(builder, entry->owner);
}

void session_state_select_schema(struct statement_builder *builder, const char *schema)
{
    if (builder->options->has_search_path || !schema || !*schema ||
        is_same(builder->state->schema, schema))
        return;
    struct text sql;
    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, "SET search_path = ");
    quote_identifier(&sql, schema);
    if (strcmp(schema, "pg_catalog") != 0)
        text_append(&sql, ", pg_catalog");
    builder_add_text(builder, STATEMENT_SETTING, &sql);
    builder->state->schema = schema;
}

static void select_default(struct statement_builder *builder, const char *setting,
                           const char *wanted, const char **has)
{
    if (!wanted || is_same(*has, wanted))
        return;
    struct text sql;
    text_init(&sql, TEXT_MAXIMUM);
    text_print(&sql, "SET %s = ", setting);
    if (*wanted)
        quote_identifier(&sql, wanted);
    else
        text_append(&sql, "''");
    builder_add_text(builder, STATEMENT_SETTING, &sql);
    *has = wanted;
}

void session_state_select_storage(struct statement_builder *builder, const struct toc_entry *entry)
{
    if (!builder->options->no_tablespaces)
        select_default(builder, "default_tablespace", entry->tablespace,
                       &builder->state->tablespace);
    if (!builder->options->no_table_access_method && entry->relkind != 'p')
        select_default(builder, "default_table_access_method", entry->table_am,
                       &builder->state->table_am);
}
