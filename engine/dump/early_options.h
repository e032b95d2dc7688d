/* Which options leave no doubt that every ordinary table's rows are dumped, so that they may be
 * read before pg_dump has said so. Pure. */
#ifndef PGFAST_DUMP_EARLY_OPTIONS_H
#define PGFAST_DUMP_EARLY_OPTIONS_H

#include "engine/dump/run.h"

/* False with any option that chooses, or that is not known to leave all as it is. */
bool early_options_are_certain(const struct dump_options *options);

#endif
