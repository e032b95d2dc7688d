/* A table of contents whose big tables are several TABLE DATA entries that every restorer loads
 * completely (archive-format facts 0 to 4): each piece carries the marker that keeps the stock
 * tools from truncating what the other pieces have loaded, and whoever waits for the table's data
 * waits for every piece by name. Tables that belong to extensions are chained, because only their
 * order tells which refers to which. Pure. */
#ifndef PGFAST_DUMP_TOC_CHUNKS_H
#define PGFAST_DUMP_TOC_CHUNKS_H

#include "engine/archive/toc.h"
#include "engine/base/error.h"

/* pieces[i]: how many entries the i-th one becomes (0 counts as 1). *chunked is sealed; the pieces
 * of an entry follow one another, the first keeps its dump id and file name, the others get new
 * ones behind the largest. Texts are shared: `toc` must outlive it. */
bool toc_chunks_make(struct toc **chunked, const struct toc *toc, const unsigned *pieces,
                     struct error *error) MUST_CHECK;

#endif
