/* Looks once a second at how far the indexes are that the restore's sessions build, for the
 * display. It has a thread and a session of its own, which it opens only for a restore that takes
 * its time; where there is none to be had, the display goes without. */
#ifndef PGFAST_RESTORE_OBSERVER_H
#define PGFAST_RESTORE_OBSERVER_H

#include "engine/flow/watch.h"
#include "engine/server/connection.h"

struct observer;

/* NULL where no thread can be had. The connection and the watch must outlive it. */
struct observer *observer_start(const struct connection *connection, struct watch *watch);
void observer_stop(struct observer *observer); /* joins and frees; accepts NULL */

#endif
