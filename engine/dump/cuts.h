/* Which tables are cut into pieces, how many, and by what. */
#ifndef PGFAST_DUMP_CUTS_H
#define PGFAST_DUMP_CUTS_H

#include "engine/dump/plan.h"
#include "engine/dump/run.h"

/* One cut per entry of the toc, in the arena. Asks the server for keys where a table's ctid is no
 * good. */
bool cuts_decide(struct cut **cuts, struct arena *arena, struct session *session,
                 const struct toc *toc, const struct schema *schema,
                 const struct dump_options *options, struct error *error) MUST_CHECK;

#endif
