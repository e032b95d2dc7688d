/* What --clean runs before anything else. */
#include "engine/sql/large_objects.h"
#include "engine/sql/session_state.h"

#include <string.h>

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Where the phrase stands outside quoted names, which may hold any words. */
static const char *find_unquoted(const char *sql, const char *phrase)
{
    bool is_quoted = false;
    for (; *sql; sql++) {
        if (*sql == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && starts_with(sql, phrase))
            return sql;
    }
    return NULL;
}

/* The words before IF EXISTS; NULL: there is no such form of the statement. */
static const char *conditional_phrase(struct arena *arena, const struct toc_entry *entry,
                                      const char *sql)
{
    switch (entry->type) {
    case ENTRY_DEFAULT:
    case ENTRY_DATABASE_PROPERTIES:
        return NULL;
    case ENTRY_CONSTRAINT:
    case ENTRY_CHECK_CONSTRAINT:
    case ENTRY_FK_CONSTRAINT:
        return "DROP CONSTRAINT";
    default:
        /* A view in a circle of dependencies is not dropped, but emptied. */
        if (starts_with(sql, "CREATE OR REPLACE VIEW"))
            return NULL;
        return arena_print(arena, "DROP %s", entry->desc);
    }
}

static void add_conditional(struct statement_builder *builder, const struct toc_entry *entry)
{
    static const char alter_table[] = "ALTER TABLE";
    const char *rest = entry->drop_statement;
    struct text sql;
    text_init(&sql, TEXT_MAXIMUM);
    if (starts_with(rest, alter_table)) {
        text_append(&sql, "ALTER TABLE IF EXISTS");
        rest += strlen(alter_table);
    }
    const char *phrase = conditional_phrase(builder->arena, entry, rest);
    if (phrase) {
        const char *found = find_unquoted(rest, phrase);
        if (found) {
            size_t length = (size_t)(found - rest) + strlen(phrase);
            text_append_bytes(&sql, rest, length);
            text_append(&sql, " IF EXISTS");
            rest += length;
        } else {
            builder->list->warning = "its drop statement has no place for IF EXISTS";
        }
    }
    text_append(&sql, rest);
    builder_add_text(builder, STATEMENT_DROP, &sql);
}

static bool add_drop(struct statement_builder *builder, const struct toc_entry *entry,
                     struct error *error)
{
    if (entry->type == ENTRY_BLOB_METADATA)
        return large_objects_add_drops(builder, entry, error);
    if (starts_with(entry->drop_statement, "--"))
        return true;
    if (!builder->options->if_exists)
        builder_add(builder, STATEMENT_DROP, entry->drop_statement);
    else if (entry->type == ENTRY_BLOB)
        large_objects_add_conditional_drop(builder, entry->oid);
    else
        add_conditional(builder, entry);
    return true;
}

bool statement_drop(struct statement_list *list, struct arena *arena, const struct toc *toc,
                    const struct toc_entry *entry, const struct statement_options *options,
                    struct statement_state *state, struct error *error)
{
    (void)toc;
    struct statement_builder builder;
    builder_begin(&builder, list, arena, options, state);
    if (!entry->drop_statement || !*entry->drop_statement)
        return true;
    session_state_become_owner(&builder, entry);
    session_state_select_schema(&builder, entry->schema);
    if (!add_drop(&builder, entry, error))
        return false;
    /* The schema selected may be dropped soon, or was never there: the setting is worth nothing. */
    state->schema = NULL;
    return builder_end(&builder, error);
}
