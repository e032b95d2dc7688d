/* What came of one step (or of one entry of the serial part): numbers, and how it failed. Travels
 * by value from a session's thread to the coordinator. */
#ifndef PGFAST_RESTORE_OUTCOME_H
#define PGFAST_RESTORE_OUTCOME_H

#include "engine/base/error.h"

#include <stdint.h>

struct outcome {
    unsigned error_count;  /* told by events, but for one that stops the restore */
    unsigned damage_count; /* of these: ERROR_DAMAGED */
    bool is_hostile;       /* one of them was ERROR_HOSTILE */
    bool found_no_room;    /* one of them passes when the server has room again */
    bool is_defined;       /* the entry's own statements succeeded */
    bool stops;            /* `error` ends the restore */
    bool is_postponed;     /* `error` may not come again when more rows are in: nothing told yet */
    struct error error;    /* the one that stops, otherwise the first */
    uint64_t rows, raw_bytes, stored_bytes, large_objects;
};

#endif
