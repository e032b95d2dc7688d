/* The options of the public header, which needs no other, in the words of those who work by them.
 * Everything that an option points at stays the caller's. */
#ifndef PGFAST_OPTIONS_H
#define PGFAST_OPTIONS_H

#include "engine/backups/verify.h"
#include "engine/compare/run.h"
#include "engine/dump/run.h"
#include "engine/pgfast.h"
#include "engine/restore/run.h"
#include "engine/restore/selection.h"

#include <stddef.h>

/* A caller that was compiled against an older header knows fewer members: the rest stays zero,
 * which is every member's default. False: it knows more. */
bool options_copy_known(void *known, size_t known_bytes, const void *given, size_t given_bytes,
                        struct error *error) MUST_CHECK;

/* As asked; 0: what would be of use to a server that nothing is known of. */
unsigned options_choose_jobs(unsigned asked);

struct connection_words options_to_words(const struct pgfast_connection *connection);
struct selection_options options_to_selection(const struct pgfast_selection *selection);
struct dump_options options_to_dump(const struct pgfast_dump_options *options);
struct restore_options options_to_restore(const struct pgfast_restore_options *options);
struct verify_options options_to_verify(const struct pgfast_verify_options *options);
struct compare_options options_to_compare(const struct pgfast_verify_options *options);

#endif
