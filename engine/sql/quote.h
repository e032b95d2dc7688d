/* Identifiers and literals as pg_dump writes them (fmtId: quoted only where needed). Pure. */
#ifndef PGFAST_SQL_QUOTE_H
#define PGFAST_SQL_QUOTE_H

#include "engine/base/text.h"

#include <stdbool.h>

/* Reserved words are quoted, by PostgreSQL 18's list: a superset is harmless, except where the text
 * must equal pg_dump's byte for byte (copy_statement_is_via_root), and there both forms are tried.
 */
void quote_identifier(struct text *text, const char *name);
void quote_qualified(struct text *text, const char *schema,
                     const char *name); /* schema NULL or "": the bare name */
/* standard_conforming_strings as in the session; backslashes are doubled where it is off. */
void quote_literal(struct text *text, const char *value, bool conforming_strings);
/* A name on one line of a comment, list or message: line breaks become blanks (CVE-2012-0868,
 * CVE-2025-8715). */
void quote_for_comment(struct text *text, const char *name);

#endif
