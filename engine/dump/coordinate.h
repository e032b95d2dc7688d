/* The coordinator's part while rows are read: it hears what becomes of every batch, reads itself
 * what workers could not, and watches over the session that holds the snapshot and the locks, for
 * without those nothing that is read is worth anything. */
#ifndef PGFAST_DUMP_COORDINATE_H
#define PGFAST_DUMP_COORDINATE_H

#include "engine/dump/keeper.h"
#include "engine/dump/losses.h"
#include "engine/dump/wave.h"

struct coordination {
    const struct workers_options *options;
    const struct holding *holding; /* NULL: not known, so there is no keeper */
    struct wave *waves;
    unsigned wave_count;

    struct session *session;  /* in the transaction that holds snapshot and locks */
    const char *snapshot;     /* as it exports it */
    struct keeper keeper;     /* would take its place */
    struct keeper successor;  /* has taken it: this is the session */
    uint64_t keeper_after_us; /* when a keeper is worth another attempt; 0: never */
    uint64_t keeper_pause_us; /* the next one, if that fails */

    struct rescued_entry *rescued;
    struct losses losses;
    const char *hint;     /* for losses of the task at hand; NULL: nothing */
    struct error failure; /* the first that is not CANCELLED; kind ERROR_NONE: none */
    uint64_t looked_us;   /* when the session was last seen alive */
    unsigned attempts;    /* beyond the first, at anything */
    unsigned not_opened;  /* workers, in this wave */
    bool has_warned;
};

void coordination_init(struct coordination *coordination, const struct workers_options *options);

void coordination_clear(struct coordination *coordination);

/* Until the batches of all waves have come to their end, or one of them to a bad one, which cancels
 * the run. */
void coordinate(struct coordination *coordination, struct wave *waves, unsigned count);

/* After the last wave: are snapshot and locks still held? Then they are given back. */
bool coordination_end(struct coordination *coordination, struct error *error) MUST_CHECK;

#endif
