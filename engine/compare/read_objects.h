/* Digests of large objects, from both ends, whatever way the archive holds them. They go to the
 * list of objects. */
#ifndef PGFAST_COMPARE_READ_OBJECTS_H
#define PGFAST_COMPARE_READ_OBJECTS_H

#include "engine/compare/place.h"
#include "engine/compare/plan.h"

bool read_archived_objects(struct place *place, const struct compare_task *task,
                           struct error *error) MUST_CHECK;
bool read_archived_pages(struct place *place, const struct compare_task *task,
                         struct error *error) MUST_CHECK;
bool read_live_objects(struct place *place, const struct compare_task *task,
                       struct error *error) MUST_CHECK;

#endif
