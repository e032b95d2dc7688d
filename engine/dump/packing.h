/* --large-objects=packed: the pages of all large objects as data of one table, in place of a file
 * for each. */
#ifndef PGFAST_DUMP_PACKING_H
#define PGFAST_DUMP_PACKING_H

#include "engine/archive/toc.h"
#include "engine/server/session.h"

/* Changes the toc where it has large objects. ERROR_PERMISSION: the session may not read their
 * pages; ERROR_USAGE: they are of a size that other servers do not have. */
bool packing_apply(struct toc *toc, struct session *session, struct error *error) MUST_CHECK;

/* May the session read the pages of large objects, and are they of the usual size? */
bool packing_ask_for_pages(struct session *session, bool *are_readable,
                           struct error *error) MUST_CHECK;

#endif
