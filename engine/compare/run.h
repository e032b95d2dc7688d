/* Does a database hold what an archive holds? The rows of each table by their digests, large
 * objects and where sequences stand; read on one snapshot, by many sessions. */
#ifndef PGFAST_COMPARE_RUN_H
#define PGFAST_COMPARE_RUN_H

#include "engine/base/error.h"
#include "engine/flow/watch.h"
#include "engine/server/connection.h"

#include <stdint.h>

struct compare_options {
    struct connection_words connection;
    const char *input_path;
    unsigned jobs; /* threads, each with a session; at least 1 */
};

struct compare_totals {
    uint64_t tables, rows, large_objects, sequences, differences;
};

/* Each difference is an event. True: there is none. ERROR_DIFFERENT: there are; other kinds: not
 * all of it could be compared. */
bool compare_run(const struct compare_options *options, struct watch *watch,
                 struct compare_totals *totals, struct error *error) MUST_CHECK;

#endif
