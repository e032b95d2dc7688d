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

/* A decoder keeps up with more sessions than this, whatever the codec. Most processors are for the
 * sessions, where the server runs here, or for the network. */
enum { SESSIONS_PER_DECODER = 3, PROCESSORS_PER_DECODER = 4, MOST_DECODERS = 8 };

unsigned streams_choose_decoders(unsigned sessions, unsigned processors)
{
    unsigned wanted = sessions / SESSIONS_PER_DECODER;
    unsigned to_be_had = processors / PROCESSORS_PER_DECODER;
    unsigned decoders = wanted < to_be_had ? wanted : to_be_had;

    return decoders < MOST_DECODERS ? decoders : MOST_DECODERS;
}
