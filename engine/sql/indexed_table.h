/* The table that a definition makes an index on, by itself or for a constraint. Pure text. */
#ifndef PGFAST_SQL_INDEXED_TABLE_H
#define PGFAST_SQL_INDEXED_TABLE_H

#include "engine/base/span.h"

#include <stdbool.h>

/* *table: as it is written in the definition. False: not of the forms that pg_dump writes. */
bool indexed_table(const char *definition, struct span *table);

#endif
