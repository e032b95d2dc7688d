/* How far a run is: numbers pulled from it, made into one line. The line lives at the bottom of a
 * terminal and is rubbed out before anything else is printed there; elsewhere it comes now and then
 * as a line of its own, for those who asked for details. */
#ifndef PGFAST_CLI_PROGRESS_H
#define PGFAST_CLI_PROGRESS_H

#include "engine/pgfast.h"

/* Bytes per second, smoothed over some seconds, so that neither the start nor a short pause bends
 * the forecast for long. Zero once nothing has moved for a while: indexes are built without bytes.
 */
struct progress_rate {
    double bytes_per_second;
    uint64_t last_us;
    uint64_t last_moved_us;
    uint64_t last_bytes;
    uint64_t work_began_us; /* when the first of a restore's work was done; 0: not yet */
    uint64_t work_at_begin;
};

void progress_rate_update(struct progress_rate *rate, const struct pgfast_progress *progress);

/* What is left of a restore is forecast from its work, of which indexes and keys are a part; of a
 * dump from its bytes. Where the room is short, some of it is left out before any is cut.
 * "data: 12 of 340 entries, 1.2 GB of 15.3 GB (7%), 210.4 MB/s, 1:10 left"; pure. */
void progress_format(char *line, size_t room_bytes, const struct pgfast_progress *progress,
                     const struct progress_rate *rate);

enum progress_style { PROGRESS_NONE, PROGRESS_LIVE, PROGRESS_PLAIN };

struct progress {
    enum progress_style style;
    struct progress_rate rate;
    bool is_shown;
    uint64_t next_us; /* when it is due again, in time of the run */
};

/* What stderr is decides: a terminal that can move its cursor, or anything else. */
enum progress_style progress_choose_style(bool is_verbose);
void progress_show(struct progress *progress, const struct pgfast_run *run);
void progress_erase(struct progress *progress); /* before another line is printed */

#endif
