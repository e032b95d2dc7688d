/* What the outside may see of a run while it goes on: its events, its numbers, its phase; and the
 * way to end it. Made by the library's door, lent to every part of the run. */
#ifndef PGFAST_FLOW_WATCH_H
#define PGFAST_FLOW_WATCH_H

#include "engine/base/event.h"
#include "engine/flow/cancel.h"
#include "engine/flow/counters.h"
#include "engine/flow/pulse.h"

#include <stdatomic.h>

struct watch {
    struct event_stream *events;
    struct cancel *cancel;
    _Atomic(const char *) phase;  /* a string literal */
    _Atomic uint64_t snapshot_us; /* when the snapshot that a dump holds was taken, by the monotonic
                                     clock; 0: none is held */
    struct counters counters;
    struct pulses pulses; /* of the sessions that are to be watched */
};

#endif
