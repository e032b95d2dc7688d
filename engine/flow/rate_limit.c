#include "engine/flow/rate_limit.h"

static const uint64_t savings_us = 100000;

uint64_t rate_limit_spend(struct rate_limit *limit, uint64_t now_us, uint64_t bytes)
{
    if (limit->bytes_per_second == 0)
        return 0;
    if (limit->paid_until_us + savings_us < now_us)
        limit->paid_until_us = now_us - savings_us;

    uint64_t wait_us = limit->paid_until_us > now_us ? limit->paid_until_us - now_us : 0;

    limit->paid_until_us += bytes * 1000000 / limit->bytes_per_second;
    return wait_us;
}
