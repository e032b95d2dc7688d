#include "engine/sql/ownership.h"

#include "engine/sql/large_objects.h"
#include "engine/sql/quote.h"

#include <string.h>

static bool is_empty(const char *text)
{
    return !text || !*text;
}

/* An existing schema that the archive takes over (public) is given away even where all others are
 * made by their owners themselves. */
static bool is_adopted_schema(const struct toc_entry *entry)
{
    return entry->type == ENTRY_SCHEMA && entry->definition &&
           strncmp(entry->definition, "--", 2) == 0;
}

bool ownership_is_given(const struct statement_options *options, const struct toc_entry *entry)
{
    if (options->no_owner || is_empty(entry->owner) || is_empty(entry->drop_statement) ||
        entry_type_facts(entry->type)->owner_naming == OWNER_NONE)
        return false;
    return !options->use_session_authorization || is_adopted_schema(entry);
}

/* `DROP FUNCTION public.f(integer);` has the signature that ALTER needs. */
static bool append_dropped_object(struct text *sql, const struct toc_entry *entry,
                                  struct error *error)
{
    static const char drop[] = "DROP ";
    if (strncmp(entry->drop_statement, drop, strlen(drop)) != 0)
        return error_set(error, ERROR_DAMAGED, "its drop statement drops nothing");
    const char *object = entry->drop_statement + strlen(drop);
    size_t length = strlen(object);
    while (length > 0 && (object[length - 1] == '\n' || object[length - 1] == ';'))
        length--;
    text_append_bytes(sql, object, length);
    return true;
}

static bool append_object(struct text *sql, const struct toc_entry *entry, struct error *error)
{
    switch (entry_type_facts(entry->type)->owner_naming) {
    case OWNER_BY_NAME:
        text_print(sql, "%s ", entry->desc);
        quote_qualified(sql, entry->schema, entry->tag);
        return true;
    case OWNER_BY_DROP:
        return append_dropped_object(sql, entry, error);
    case OWNER_LARGE_OBJECT:
        text_print(sql, "LARGE OBJECT %u", entry->oid);
        return true;
    case OWNER_NONE:
    case OWNER_LARGE_OBJECTS:
    case OWNER_UNKNOWN:
        break;
    }
    return error_set(error, ERROR_UNSUPPORTED,
                     "there is no rule how to set the owner of such an object");
}

static bool add_statement(struct statement_builder *builder, const struct toc_entry *entry,
                          struct error *error)
{
    struct text sql;
    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, "ALTER ");
    if (!append_object(&sql, entry, error)) {
        text_clear(&sql);
        return false;
    }
    text_append(&sql, " OWNER TO ");
    quote_identifier(&sql, entry->owner);
    builder_add_text(builder, STATEMENT_OWNER, &sql);
    return true;
}

bool ownership_add(struct statement_builder *builder, const struct toc_entry *entry,
                   struct error *error)
{
    if (!ownership_is_given(builder->options, entry))
        return true;
    if (entry_type_facts(entry->type)->owner_naming == OWNER_LARGE_OBJECTS)
        return large_objects_add_owners(builder, entry, error);
    return add_statement(builder, entry, error);
}
