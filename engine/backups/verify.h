/* Is an archive whole? Asked without a server: every file is read, on all processors. */
#ifndef PGFAST_BACKUPS_VERIFY_H
#define PGFAST_BACKUPS_VERIFY_H

#include "engine/base/error.h"
#include "engine/flow/watch.h"

#include <stdint.h>

struct verify_options {
    const char *input_path;
    unsigned jobs; /* threads; at least 1 */
    bool is_deep;  /* decode all files, and count what is in them */
};

struct verify_totals {
    uint64_t files, stored_bytes, rows, faults;
    bool has_manifest;
    bool has_counted_rows;
};

/* Each fault is an event. True: there is none. ERROR_DAMAGED, ERROR_INCOMPLETE, ERROR_UNSUPPORTED
 * tell of the archive; other kinds, that not all of it could be read. An archive without manifest
 * (pg_dump's) is always checked deep: there is no other way. */
bool verify_run(const struct verify_options *options, struct watch *watch,
                struct verify_totals *totals, struct error *error) MUST_CHECK;

#endif
