#include "engine/sql/statement.h"

#include "engine/sql/large_objects.h"
#include "engine/sql/ownership.h"
#include "engine/sql/quote.h"
#include "engine/sql/session_state.h"

#include <string.h>

/* Comments alone (a schema that initdb makes, a mark of pg_dump) are nothing to run. */
static bool holds_statement(const char *definition)
{
    const char *at = definition;
    while (at && *at) {
        at += strspn(at, " \t\r\n");
        if (strncmp(at, "--", 2) != 0)
            return *at != '\0';
        at += strcspn(at, "\n");
    }
    return false;
}

static void add_schema_without_owner(struct statement_builder *builder,
                                     const struct toc_entry *entry)
{
    struct text sql;
    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, "CREATE SCHEMA ");
    quote_identifier(&sql, entry->tag);
    builder_add_text(builder, STATEMENT_BODY, &sql);
}

static bool add_body(struct statement_builder *builder, const struct toc *toc,
                     const struct toc_entry *entry, struct error *error)
{
    if (entry->type == ENTRY_TABLE_DATA || entry->type == ENTRY_BLOBS ||
        entry->type == ENTRY_WARNING)
        return true;
    if (entry->type == ENTRY_BLOB_METADATA)
        return large_objects_add_creates(builder, entry, error);
    if (!holds_statement(entry->definition))
        return true;
    if (large_objects_is_group_acl(entry))
        return large_objects_add_acls(builder, toc, entry, error);
    /* pg_dump's definition names the owner: CREATE SCHEMA … AUTHORIZATION, of old. */
    if (entry->type == ENTRY_SCHEMA && builder->options->no_owner)
        add_schema_without_owner(builder, entry);
    else
        builder_add(builder, STATEMENT_BODY, entry->definition);
    return true;
}

/* A partitioned table has no storage to be made with: its access method is set afterwards. */
static void add_partitioned_table_am(struct statement_builder *builder,
                                     const struct toc_entry *entry)
{
    if (entry->relkind != 'p' || !entry->table_am || builder->options->no_table_access_method)
        return;
    struct text sql;
    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, "ALTER TABLE ");
    quote_qualified(&sql, entry->schema, entry->tag);
    text_append(&sql, " SET ACCESS METHOD ");
    quote_identifier(&sql, entry->table_am);
    builder_add_text(builder, STATEMENT_TABLE_AM, &sql);
}

static bool is_acl(const struct toc_entry *entry)
{
    return entry->type == ENTRY_ACL || entry->type == ENTRY_ACL_LANGUAGE ||
           entry->type == ENTRY_DEFAULT_ACL;
}

bool statement_create(struct statement_list *list, struct arena *arena, const struct toc *toc,
                      const struct toc_entry *entry, const struct statement_options *options,
                      struct statement_state *state, struct error *error)
{
    struct statement_builder builder;
    builder_begin(&builder, list, arena, options, state);
    if (entry_type_facts(entry->type)->is_special)
        return true;
    session_state_become_owner(&builder, entry);
    session_state_select_schema(&builder, entry->schema);
    session_state_select_storage(&builder, entry);
    if (!add_body(&builder, toc, entry, error) || !ownership_add(&builder, entry, error))
        return false;
    add_partitioned_table_am(&builder, entry);
    /* Its text may change the session user. */
    if (is_acl(entry))
        state->user = NULL;
    return builder_end(&builder, error);
}

bool statement_before_data(struct statement_list *list, struct arena *arena,
                           const struct toc_entry *entry, const struct statement_options *options,
                           struct statement_state *state, struct error *error)
{
    struct statement_builder builder;
    builder_begin(&builder, list, arena, options, state);
    session_state_become_owner(&builder, entry);
    bool is_large_objects = entry->type == ENTRY_BLOBS || entry->type == ENTRY_BLOB_COMMENTS;
    session_state_select_schema(&builder, is_large_objects ? "pg_catalog" : entry->schema);
    return builder_end(&builder, error);
}

/* Only a superuser may switch off the triggers behind foreign keys. Without -S it must be who
 * connected: nothing to change, unless the session user was changed for the owners. */
static void become_superuser(struct statement_builder *builder)
{
    const struct statement_options *options = builder->options;
    if (options->superuser || (options->use_session_authorization && !options->no_owner))
        session_state_become(builder, options->superuser);
}

bool statement_triggers(struct statement_list *list, struct arena *arena,
                        const struct toc_entry *entry, enum trigger_switch trigger_switch,
                        const struct statement_options *options, struct statement_state *state,
                        struct error *error)
{
    struct statement_builder builder;
    builder_begin(&builder, list, arena, options, state);
    become_superuser(&builder);
    struct text sql;
    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, "ALTER TABLE ");
    quote_qualified(&sql, entry->schema, entry->tag);
    text_append(&sql, trigger_switch == TRIGGERS_OFF ? " DISABLE" : " ENABLE");
    text_append(&sql, " TRIGGER ALL");
    builder_add_text(&builder, STATEMENT_TRIGGERS, &sql);
    return builder_end(&builder, error);
}

const char *statement_qualified_name(struct arena *arena, const struct toc_entry *entry)
{
    struct text name;
    text_init(&name, TEXT_MAXIMUM);
    quote_qualified(&name, entry->schema, entry->tag);
    const char *copy = arena_copy_bytes(arena, name.data, name.length_bytes);
    text_clear(&name);
    return copy;
}
