/* Did a damaged file come through a transfer in text mode, which writes CR LF for each LF? That is
 * worth knowing, because all files have then, and because there is a way out. */
#ifndef PGFAST_ARCHIVE_LINE_ENDS_H
#define PGFAST_ARCHIVE_LINE_ENDS_H

#include "engine/archive/folder.h"
#include "engine/base/span.h"

/* Of the beginning of a file: there are some line feeds in it, and a CR before each. Pure. */
bool line_ends_are_translated(struct span beginning);

/* Adds to an ERROR_DAMAGED of this file that it did, and what to do. Returns false, as all that set
 * errors. */
bool line_ends_explain(const struct folder *folder, const char *name, struct error *error);

#endif
