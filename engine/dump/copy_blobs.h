/* Large objects by SQL. libpq's lo_* functions would cost several round trips an object, and trust
 * the server's lengths (CVE-2026-6477). */
#ifndef PGFAST_DUMP_COPY_BLOBS_H
#define PGFAST_DUMP_COPY_BLOBS_H

#include "engine/dump/copy_place.h"
#include "engine/dump/plan.h"

/* Each object of the task becomes a file of its own, named after its oid. *done: how many are read
 * to their end, also where it fails. */
bool copy_blobs(const struct copy_place *place, const struct copy_task *task, size_t *done,
                struct error *error) MUST_CHECK;

#endif
