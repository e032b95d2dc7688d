/* The entries of a table of contents as they are written. In memory a group of large objects is one
 * entry, BLOB METADATA, whatever the version. Archives before 1.16 have an entry for each object,
 * and with it its ACL, comments and labels: there may be a million of them, so they are made one by
 * one, while they are written. Entries that belong to objects of a group stand right behind it. */
#ifndef PGFAST_ARCHIVE_TOC_EXPANSION_H
#define PGFAST_ARCHIVE_TOC_EXPANSION_H

#include "engine/archive/toc.h"
#include "engine/base/error.h"

struct toc_expansion;

/* Of a sealed toc. ERROR_DAMAGED: a list of objects cannot be read. */
bool toc_expansion_begin(struct toc_expansion **expansion, const struct toc *toc,
                         struct error *error) MUST_CHECK;
void toc_expansion_end(struct toc_expansion *expansion);

size_t toc_expansion_count(const struct toc_expansion *expansion); /* of all entries */
/* The next one; lent until the one after it is asked for. NULL: that was the last. */
const struct toc_entry *toc_expansion_next(struct toc_expansion *expansion);

/* Does the ACL, comment or label belong to the group, or to one of its objects, which ascend? */
bool toc_expansion_belongs(const struct toc_entry *entry, const struct toc_entry *group,
                           const uint32_t *oids, size_t count);

#endif
