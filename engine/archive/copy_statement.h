/* What a TABLE DATA entry's copy statement says: `COPY ns.tab (cols) FROM stdin;`. Names may hold
 * quotes, parentheses and even " FROM stdin;", so the scanner knows SQL's quoting. */
#ifndef PGFAST_ARCHIVE_COPY_STATEMENT_H
#define PGFAST_ARCHIVE_COPY_STATEMENT_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/span.h"

struct copy_statement {
    struct span relation; /* qualified and quoted as written */
    struct span columns;  /* "(a, b)" with the parentheses; empty for a table without columns */
    bool is_binary;       /* WITH (FORMAT binary) or (FORMAT binary) */
};

/* The spans point into the text. */
bool copy_statement_parse(const char *text, struct copy_statement *parts,
                          struct error *error) MUST_CHECK;

/* The same COPY with FREEZE, which the server allows only into a table that was created or
 * truncated in the same transaction. In the arena. */
const char *copy_statement_frozen(struct arena *arena, const struct copy_statement *parts);

/* The same COPY of rows in binary format, as it stands in an archive. In the arena. */
const char *copy_statement_binary(struct arena *arena, const struct copy_statement *parts);

#define LOAD_VIA_ROOT_MARKER "-- load via partition root "

/* The stock tools' own test, byte for byte: an entry with the marker, or with another target than
 * its own table, is loaded without TRUNCATE. `qualified` is the entry's schema and tag, quoted as
 * pg_dump quotes them. */
bool copy_statement_is_via_root(const struct toc_entry *entry, const char *qualified);

#endif
