/* Where the database's sequences stand: many in one query, or each by itself where that fails. */
#ifndef PGFAST_COMPARE_READ_SEQUENCES_H
#define PGFAST_COMPARE_READ_SEQUENCES_H

#include "engine/compare/place.h"
#include "engine/compare/plan.h"

/* One that cannot be read has an error of its own. False: the session is of no use any more. */
bool read_sequences(struct place *place, const struct compare_task *task,
                    struct error *error) MUST_CHECK;

#endif
