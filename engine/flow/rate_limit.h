/* At most so many bytes a second over a whole run, with no more than a moment's worth saved up
 * while nothing was to do. Pure: the caller brings the time. One thread. */
#ifndef PGFAST_FLOW_RATE_LIMIT_H
#define PGFAST_FLOW_RATE_LIMIT_H

#include <stdint.h>

struct rate_limit {
    uint64_t bytes_per_second; /* 0: no limit */
    uint64_t paid_until_us;    /* all bytes so far are paid for at this time */
};

/* Takes note of `bytes` that are about to go. How long they must wait before they do, in
 * microseconds. */
uint64_t rate_limit_spend(struct rate_limit *limit, uint64_t now_us, uint64_t bytes);

#endif
