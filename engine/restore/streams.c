#include "engine/restore/streams.h"

/* Less is loaded in the time that a second stream takes to begin. */
static const uint64_t least_stream_bytes = 1 << 20;

unsigned streams_choose(uint64_t table_bytes, uint64_t all_bytes, unsigned sessions)
{
    uint64_t most = table_bytes / least_stream_bytes;
    double share = all_bytes > 0 ? (double)table_bytes / (double)all_bytes * sessions : 0;

    /* Half a session more than one is not worth the frozen rows. */
    if (share < 1.5 || most < 2)
        return 1;

    unsigned streams = (unsigned)(share + 0.999);

    if (streams > sessions)
        streams = sessions;
    return streams < most ? streams : (unsigned)most;
}
