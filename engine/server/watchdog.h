/* Looks at the pulses of a run's sessions and asks the server, from a session of its own, about
 * those that have heard nothing for long: what they wait for and who is in the way becomes a
 * warning. With a limit, a session that is stuck for so long ends the run, and so does a snapshot
 * that has become so old. One thread, which opens its session only when there is something to ask.
 */
#ifndef PGFAST_SERVER_WATCHDOG_H
#define PGFAST_SERVER_WATCHDOG_H

#include "engine/flow/watch.h"
#include "engine/server/connection.h"

#include <stdint.h>

struct watchdog;

struct watchdog_limits {
    unsigned stall_seconds;    /* of a session; 0: none */
    unsigned snapshot_seconds; /* age of the run's snapshot; 0: none */
};

/* Without limits it never ends the run. NULL where no thread can be had. The connection is copied,
 * the watch must outlive the watchdog. */
struct watchdog *watchdog_start(const struct connection *connection, struct watch *watch,
                                const struct watchdog_limits *limits);

/* Joins and frees; accepts NULL. False, with the reason (ERROR_TIMEOUT), where it has ended the
 * run: that is then the cause of whatever else has failed. */
bool watchdog_stop(struct watchdog *watchdog, struct error *error) MUST_CHECK;

#endif
