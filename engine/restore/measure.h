/* How much an archive holds, as far as can be told without reading its data. */
#ifndef PGFAST_RESTORE_MEASURE_H
#define PGFAST_RESTORE_MEASURE_H

#include "engine/archive/archive.h"
#include "engine/base/arena.h"
#include "engine/restore/plan.h"
#include "engine/restore/selection.h"

#include <stdint.h>

/* By place in the selection; 0: no data, or no file. Lives in the arena. */
uint64_t *measure_stored_bytes(const struct selection *selection, const struct archive *archive,
                               struct arena *arena);

/* Of the rows and objects that the plan has left to load. Compressed archives of pg_dump do not
 * tell: their files count nothing. */
uint64_t measure_raw_bytes(const struct plan *plan, const struct archive *archive);

/* Bytes of rows for each that is stored; where nothing is known, what is likely. */
unsigned measure_expansion(const struct archive *archive);

#endif
