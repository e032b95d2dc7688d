/* Which tables are cut into pieces, how many, and by what. */
#ifndef PGFAST_DUMP_CUTS_H
#define PGFAST_DUMP_CUTS_H

#include "engine/dump/plan.h"
#include "engine/dump/run.h"

/* Fills in the cut of every relation of the schema, by its place. Asks the server for keys where a
 * table's ctid is no good. */
bool cuts_decide(struct cut *cuts, struct arena *arena, struct session *session,
                 const struct schema *schema, const struct dump_options *options,
                 struct error *error) MUST_CHECK;

/* The same for every entry of the toc, but for those whose cut is decided already (pieces > 0). */
bool cuts_decide_entries(struct cut *cuts, struct arena *arena, struct session *session,
                         const struct toc *toc, const struct schema *schema,
                         const struct dump_options *options, struct error *error) MUST_CHECK;

#endif
