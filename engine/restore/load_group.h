/* The rows of many small tables in one transaction, each in one round trip. */
#ifndef PGFAST_RESTORE_LOAD_GROUP_H
#define PGFAST_RESTORE_LOAD_GROUP_H

#include "engine/restore/assignment.h"
#include "engine/restore/target.h"

/* All steps of the assignment (PLAN_LOAD_TABLE), or none: then (false) they are for load_table, one
 * by one, which says what is wrong with which. The transaction commits only after every file of it
 * has been vouched for. */
bool load_group(struct target *target, struct assignment *assignment);

#endif
