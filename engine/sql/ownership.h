/* Who gets an object after it was made. */
#ifndef PGFAST_SQL_OWNERSHIP_H
#define PGFAST_SQL_OWNERSHIP_H

#include "engine/sql/statement_builder.h"

/* Is the entry's owner given the object by a statement of its own? */
bool ownership_is_given(const struct statement_options *options, const struct toc_entry *entry);

/* ERROR_UNSUPPORTED: an unknown type of object with an owner. */
bool ownership_add(struct statement_builder *builder, const struct toc_entry *entry,
                   struct error *error) MUST_CHECK;

#endif
