/* Reads a table's rows, or a piece of them, into a file. */
#ifndef PGFAST_DUMP_COPY_TABLE_H
#define PGFAST_DUMP_COPY_TABLE_H

#include "engine/dump/copy_place.h"
#include "engine/dump/plan.h"

/* The task's rows, up to the end marker that every COPY file carries. */
bool copy_table(const struct copy_place *place, const struct copy_task *task,
                struct error *error) MUST_CHECK;

/* The same for a COPY of the task that the session is in already. Where it fails, what the file has
 * got is ended all the same: whoever fails must see to it that nothing makes an archive of it. */
bool copy_table_receive(const struct copy_place *place, const struct copy_task *task,
                        struct error *error) MUST_CHECK;

#endif
