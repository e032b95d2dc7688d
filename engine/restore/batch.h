/* The statements of several entries in one round trip, and in one transaction: all of them, or
 * none. What does not go together goes one by one (execute.h), so that errors, warnings and objects
 * are those of one by one. */
#ifndef PGFAST_RESTORE_BATCH_H
#define PGFAST_RESTORE_BATCH_H

#include "engine/restore/target.h"

/* Which statements of an entry are meant, from engine/sql. */
typedef bool make_statements(struct statement_list *list, struct arena *arena,
                             const struct toc *toc, const struct toc_entry *entry,
                             const struct statement_options *options, struct statement_state *state,
                             struct error *error);

/* False for what is better alone: it may not run in a transaction, is a batch itself, or has
 * something to say. */
bool batch_takes(const struct toc_entry *entry);

/* How many of the entries, from the first, go together now; 0 and 1: the first goes alone. */
size_t batch_count(const struct target *target, const struct toc_entry *const *entries,
                   size_t count);

/* Renews the target's arena. False: nothing has happened, and the error may be that of any of the
 * entries. */
bool batch_execute(struct target *target, make_statements *make,
                   const struct toc_entry *const *entries, size_t count,
                   struct error *error) MUST_CHECK;

#endif
