#include "engine/flow/jobs.h"

/* MOST_JOBS: beyond it the server's own locks and the disks decide (-j is there for more).
 * FEW_PROCESSORS: up to here a session waits for its backend often enough to leave room for
 * another. OWN_SESSIONS: the coordinator's, the observer's and pg_dump's. */
enum { MOST_JOBS = 32, FEW_PROCESSORS = 8, OWN_SESSIONS = 3 };

/* Less than this is dumped sooner than a session is opened. */
static const uint64_t bytes_worth_a_session = 16 << 20;

static unsigned least(unsigned left, uint64_t right)
{
    return right < left ? (unsigned)right : left;
}

/* On a large machine each session has a backend and codec threads beside it. */
static unsigned for_processors(unsigned processors)
{
    unsigned half = processors / 2;

    if (processors <= FEW_PROCESSORS)
        return processors;
    return least(MOST_JOBS, half > FEW_PROCESSORS ? half : FEW_PROCESSORS);
}

/* Half of what is free stays so: applications come and go while the dump lasts. */
static unsigned for_connections(unsigned free)
{
    return free > OWN_SESSIONS ? (free - OWN_SESSIONS) / 2 : 0;
}

unsigned jobs_choose(const struct jobs_facts *facts)
{
    unsigned jobs = for_processors(facts->processors);

    jobs = least(jobs, for_connections(facts->free_connections));
    jobs = least(jobs, facts->data_bytes / bytes_worth_a_session + 1);
    return jobs > 0 ? jobs : 1;
}
