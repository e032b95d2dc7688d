/* How many worker sessions "-j auto" means. Pure. */
#ifndef PGFAST_FLOW_JOBS_H
#define PGFAST_FLOW_JOBS_H

#include <stdint.h>

struct jobs_facts {
    unsigned processors;       /* usable here at once */
    unsigned free_connections; /* that the server would still give us; UINT_MAX: not known */
    uint64_t data_bytes;       /* of all tables; UINT64_MAX: not known */
};

/* At least 1. */
unsigned jobs_choose(const struct jobs_facts *facts);

#endif
