/* The coordinator's part while rows are read: it hears what becomes of every batch, reads itself
 * what workers could not, and watches over the session that holds the snapshot and the locks, for
 * without those nothing that is read is worth anything. */
#ifndef PGFAST_DUMP_COORDINATE_H
#define PGFAST_DUMP_COORDINATE_H

#include "engine/dump/wave.h"

struct coordination {
    const struct workers_options *options;
    struct session *session; /* in the transaction that holds snapshot and locks */
    struct rescued_entry *rescued;
    struct error failure; /* the first that is not CANCELLED; kind ERROR_NONE: none */
    uint64_t looked_us;   /* when the session was last seen alive */
    unsigned attempts;    /* beyond the first, at anything */
    unsigned not_opened;  /* workers, in this wave */
    bool has_warned;
};

void coordination_init(struct coordination *coordination, const struct workers_options *options);

/* Until the wave's batches have all come to their end, or one of them to a bad one, which cancels
 * the run. */
void coordinate(struct coordination *coordination, struct wave *wave);

/* After the last wave: is the session still there? */
bool coordination_end(struct coordination *coordination, struct error *error) MUST_CHECK;

#endif
