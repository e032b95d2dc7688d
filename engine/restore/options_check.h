/* Options of a restore that do not go together. Pure. */
#ifndef PGFAST_RESTORE_OPTIONS_CHECK_H
#define PGFAST_RESTORE_OPTIONS_CHECK_H

#include "engine/restore/run.h"

/* ERROR_USAGE names the two. */
bool options_check(const struct restore_options *options, struct error *error) MUST_CHECK;

#endif
