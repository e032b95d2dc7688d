/* The statements of a group of large objects: one entry of the archive, up to a thousand objects.
 */
#ifndef PGFAST_SQL_LARGE_OBJECTS_H
#define PGFAST_SQL_LARGE_OBJECTS_H

#include "engine/sql/statement_builder.h"

/* BLOB METADATA; ERROR_DAMAGED where its list of oids is none. */
bool large_objects_add_creates(struct statement_builder *builder, const struct toc_entry *entry,
                               struct error *error) MUST_CHECK;
bool large_objects_add_owners(struct statement_builder *builder, const struct toc_entry *entry,
                              struct error *error) MUST_CHECK;
bool large_objects_add_drops(struct statement_builder *builder, const struct toc_entry *entry,
                             struct error *error) MUST_CHECK;

/* ACL entries tagged LARGE OBJECTS a..b hold the ACL of the first object, for all of the group. */
bool large_objects_is_group_acl(const struct toc_entry *entry);
bool large_objects_add_acls(struct statement_builder *builder, const struct toc *toc,
                            const struct toc_entry *entry, struct error *error) MUST_CHECK;

/* A BLOB of older archives, with --if-exists. */
void large_objects_add_conditional_drop(struct statement_builder *builder, uint32_t oid);

#endif
