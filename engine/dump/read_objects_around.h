/* Large objects one by one, around those that cannot be read: such a one is lost as a whole, by
 * name, and is empty in the archive. */
#ifndef PGFAST_DUMP_READ_OBJECTS_AROUND_H
#define PGFAST_DUMP_READ_OBJECTS_AROUND_H

#include "engine/dump/copy_place.h"
#include "engine/dump/losses.h"
#include "engine/dump/plan.h"

/* As read_around, of a task of large objects. */
bool read_objects_around(const struct copy_place *place, const struct copy_task *task,
                         struct losses *losses, size_t *done, struct error *error) MUST_CHECK;

#endif
