/* PostgreSQL's key words that a name must be quoted for: all categories but the unreserved one. */
#ifndef PGFAST_SQL_KEYWORD_H
#define PGFAST_SQL_KEYWORD_H

#include <stdbool.h>

bool keyword_needs_quotes(const char *word);

#endif
