/* What index builds and key checks of a restore may take of the server (maintenance.h), and which
 * of its settings slows them. */
#ifndef PGFAST_RESTORE_MAINTENANCE_LIMITS_H
#define PGFAST_RESTORE_MAINTENANCE_LIMITS_H

#include "engine/restore/maintenance.h"
#include "engine/restore/restore.h"

/* All but what the server has to be asked for. */
struct maintenance_limits maintenance_limits_without_facts(const struct restore *restore,
                                                           const struct session *session);

/* The maintenance of the plan, within what the server says that it has, where anything large is at
 * hand; advice is given by the way. */
bool maintenance_limits_find(struct restore *restore, struct maintenance *maintenance,
                             struct error *error) MUST_CHECK;

#endif
