/* Who gets an object after it was made. */
#ifndef PGFAST_SQL_OWNERSHIP_H
#define PGFAST_SQL_OWNERSHIP_H

#include "engine/sql/statement_builder.h"

/* ERROR_UNSUPPORTED: an unknown type of object with an owner. */
bool ownership_add(struct statement_builder *builder, const struct toc_entry *entry,
                   struct error *error) MUST_CHECK;

#endif
