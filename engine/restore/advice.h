/* Which of the server's settings slows a restore most, and by how much: one line for people, or
 * none. Only what takes no more than a reload is advised, and only where it matters for this
 * archive. Pure. */
#ifndef PGFAST_RESTORE_ADVICE_H
#define PGFAST_RESTORE_ADVICE_H

#include "engine/restore/server_facts.h"

#include <stddef.h>
#include <stdint.h>

struct advice_archive {
    uint64_t rows_bytes;  /* to be loaded */
    uint64_t index_bytes; /* of the rows that indexes are built over, once for each */
    uint64_t duration_us; /* estimated */
};

enum { ADVICE_BYTES = 320 };

/* "" where nothing is worth saying. */
void advice_give(char advice[ADVICE_BYTES], const struct server_facts *facts,
                 const struct advice_archive *archive);

#endif
