/* Definitions that need not wait for each other, made by several sessions at the same time. */
#ifndef PGFAST_RESTORE_DEFINE_SPREAD_H
#define PGFAST_RESTORE_DEFINE_SPREAD_H

#include "engine/base/arena.h"
#include "engine/restore/spread.h"
#include "engine/restore/target.h"

/* Says for each of the entries, in their order, whether it is made (is_made has room for all).
 * Whatever did not go well at once is not, and nothing has been told about it: it is for the caller
 * to make it, one by one and in order, as if there had been only one session. False: cancelled, or
 * a lost session cannot be replaced. */
bool define_spread(const struct toc_entry *const *entries, size_t count, struct arena *arena,
                   const struct connection *connection, const struct target_settings *settings,
                   bool *is_made, struct error *error) MUST_CHECK;

#endif
