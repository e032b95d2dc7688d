/* The settings of a session that reads rows for an archive, or to hold them against one: those that
 * pg_dump makes in its own (archive-format facts 5.1). They override whatever the role or the
 * database has set that could change or cut short what is read. Pure text. */
#ifndef PGFAST_SQL_READ_SETTINGS_H
#define PGFAST_SQL_READ_SETTINGS_H

#include "engine/base/text.h"

#include <stdbool.h>

struct read_settings {
    const char *role;               /* NULL: as whom the session has connected */
    const char *extra_float_digits; /* NULL: 3, which loses nothing */
    bool enable_row_security, quote_all_identifiers;
};

void read_settings_append(struct text *sql, const struct read_settings *settings,
                          int server_version);

/* What may not be read in a table's place. Views and foreign tables, unless a foreign table is what
 * is asked for. */
enum relation_restriction { RESTRICT_VIEWS_AND_FOREIGN_TABLES, RESTRICT_VIEWS };
void read_settings_append_restriction(struct text *sql, enum relation_restriction restriction);

/* "SET name = 'value';", for any value. */
void read_settings_append_literal(struct text *sql, const char *name, const char *value);

#endif
