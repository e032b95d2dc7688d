/* Column options that a server keeps for itself (pg_attver, since the minor releases of November
 * 2026): a pg_dump of the same age leaves them out, an older one writes `ALTER TABLE … ALTER COLUMN
 * … SET (pg_attver=…)`, which servers without that option refuse, and the table with it. Pure. */
#ifndef PGFAST_DUMP_INTERNAL_OPTIONS_H
#define PGFAST_DUMP_INTERNAL_OPTIONS_H

#include "engine/archive/toc.h"
#include "engine/base/text.h"

#include <stdbool.h>

/* Appends the definition without them; a statement that set nothing else disappears. False, with
 * nothing appended, when it has none. */
bool internal_options_strip(struct text *text, const char *definition);

/* Does so to every relation's definition. Before the toc is shared. */
void internal_options_strip_all(struct toc *toc);

#endif
