#include "engine/sql/large_objects.h"

#include "engine/archive/blob_list.h"
#include "engine/sql/quote.h"

#include <stdlib.h>
#include <string.h>

/* Statements on existing objects lock each of them to the end of the transaction, in a table that
 * holds 64 locks for each connection allowed: a batch must not be able to fill it. */
enum { BATCH_OBJECTS = 100 };

/* The statements for `count` objects at once. */
typedef void append_statement(struct text *sql, const struct statement_builder *builder,
                              const struct toc_entry *entry, const uint32_t *oids, size_t count);

static void append_oid_array(struct text *sql, const uint32_t *oids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_print(sql, i == 0 ? "'{%u" : ",%u", oids[i]);
    text_append(sql, "}'::pg_catalog.oid[]");
}

static void append_create(struct text *sql, const struct statement_builder *builder,
                          const struct toc_entry *entry, const uint32_t *oids, size_t count)
{
    (void)builder, (void)entry;
    text_append(sql, "SELECT pg_catalog.lo_create(o) FROM pg_catalog.unnest(");
    append_oid_array(sql, oids, count);
    text_append(sql, ") AS objects (o)");
}

static void append_drop(struct text *sql, const struct statement_builder *builder,
                        const struct toc_entry *entry, const uint32_t *oids, size_t count)
{
    (void)entry;
    if (builder->options->if_exists) {
        text_append(sql, "SELECT pg_catalog.lo_unlink(oid)"
                         " FROM pg_catalog.pg_largeobject_metadata WHERE oid = ANY (");
        append_oid_array(sql, oids, count);
        text_append(sql, ")");
    } else {
        text_append(sql, "SELECT pg_catalog.lo_unlink(o) FROM pg_catalog.unnest(");
        append_oid_array(sql, oids, count);
        text_append(sql, ") AS objects (o)");
    }
}

static void append_owner(struct text *sql, const struct statement_builder *builder,
                         const struct toc_entry *entry, const uint32_t *oids, size_t count)
{
    (void)builder;
    for (size_t i = 0; i < count; i++) {
        text_print(sql, "%sALTER LARGE OBJECT %u OWNER TO ", i == 0 ? "" : ";\n", oids[i]);
        quote_identifier(sql, entry->owner);
    }
}

static void append_acl(struct text *sql, const struct statement_builder *builder,
                       const struct toc_entry *entry, const uint32_t *oids, size_t count)
{
    (void)builder;
    for (size_t i = 0; i < count; i++)
        blob_list_acl_for(sql, entry->definition, oids[i]);
}

static void add_batches(struct statement_builder *builder, enum statement_purpose purpose,
                        append_statement *append, const struct toc_entry *entry,
                        const uint32_t *oids, size_t count)
{
    size_t limit = builder->options->without_batches ? 1 : BATCH_OBJECTS;
    for (size_t done = 0; done < count; done += limit) {
        size_t batch = count - done < limit ? count - done : limit;
        struct text sql;
        text_init(&sql, TEXT_MAXIMUM);
        append(&sql, builder, entry, oids + done, batch);
        struct statement *statement = builder_add_text(builder, purpose, &sql);
        statement->is_batch = batch > 1;
        statement->first_object = done;
        statement->object_count = batch;
    }
}

/* `group` is the entry with the list of oids, `entry` the one whose statements are wanted. */
static bool add_group(struct statement_builder *builder, enum statement_purpose purpose,
                      append_statement *append, const struct toc_entry *entry,
                      const struct toc_entry *group, struct error *error)
{
    uint32_t *oids;
    size_t count;
    if (!group->definition)
        return error_set(error, ERROR_DAMAGED, "it has no list of large objects");
    if (!blob_list_parse_oids(group->definition, &oids, &count, error))
        return false;
    add_batches(builder, purpose, append, entry, oids, count);
    free(oids);
    return true;
}

bool large_objects_add_creates(struct statement_builder *builder, const struct toc_entry *entry,
                               struct error *error)
{
    return add_group(builder, STATEMENT_BODY, append_create, entry, entry, error);
}

bool large_objects_add_owners(struct statement_builder *builder, const struct toc_entry *entry,
                              struct error *error)
{
    return add_group(builder, STATEMENT_OWNER, append_owner, entry, entry, error);
}

bool large_objects_add_drops(struct statement_builder *builder, const struct toc_entry *entry,
                             struct error *error)
{
    return add_group(builder, STATEMENT_DROP, append_drop, entry, entry, error);
}

bool large_objects_is_group_acl(const struct toc_entry *entry)
{
    static const char group[] = "LARGE OBJECTS";
    return entry->type == ENTRY_ACL && entry->tag && strncmp(entry->tag, group, strlen(group)) == 0;
}

bool large_objects_add_acls(struct statement_builder *builder, const struct toc *toc,
                            const struct toc_entry *entry, struct error *error)
{
    const struct toc_entry *group =
        entry->dependency_count > 0 ? toc_find(toc, entry->dependencies[0]) : NULL;
    if (!group || group->type != ENTRY_BLOB_METADATA)
        return error_set(error, ERROR_DAMAGED,
                         "the large objects that it is for are not in the archive");
    return add_group(builder, STATEMENT_BODY, append_acl, entry, group, error);
}

void large_objects_add_conditional_drop(struct statement_builder *builder, uint32_t oid)
{
    struct text sql;
    text_init(&sql, TEXT_MAXIMUM);
    text_print(&sql,
               "SELECT pg_catalog.lo_unlink(oid)"
               " FROM pg_catalog.pg_largeobject_metadata WHERE oid = '%u'",
               oid);
    builder_add_text(builder, STATEMENT_DROP, &sql);
}
