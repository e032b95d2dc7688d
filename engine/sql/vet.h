/* For archives of strangers: does an entry do no more than entries of its type do? A list of what
 * is allowed, by type and form of statement, from what pg_dump writes; what is not on it is
 * refused. Statements are told apart by lexer.h, so none can hide behind another. Whatever
 * functions, defaults and views hold is code that runs as the role that restores, when something
 * calls it: no look at the text can tell what that does. Pure. */
#ifndef PGFAST_SQL_VET_H
#define PGFAST_SQL_VET_H

#include "engine/archive/toc.h"
#include "engine/base/error.h"

/* ERROR_HOSTILE says why not; "it" is the entry. */
bool vet_entry(const struct toc_entry *entry, bool conforming_strings,
               struct error *error) MUST_CHECK;

/* For all archives: a DATABASE entry creates and drops what it is named for, and nothing else.
 * ERROR_HOSTILE otherwise. */
bool vet_database(const struct toc_entry *entry, bool conforming_strings,
                  struct error *error) MUST_CHECK;

/* Of the archive's encoding: can statements be told apart in it at all? (See lexer.h.) */
bool vet_encoding(const char *encoding, struct error *error) MUST_CHECK;

#endif
