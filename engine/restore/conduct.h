/* Takes the steps of a plan in the order that the schedule allows: alone, or with a team. */
#ifndef PGFAST_RESTORE_CONDUCT_H
#define PGFAST_RESTORE_CONDUCT_H

#include "engine/restore/account.h"
#include "engine/restore/plan.h"
#include "engine/restore/target.h"

/* What is to be done, and what it is done with; the coordinator's own. */
struct conduct_work {
    const struct plan *plan;
    struct maintenance *maintenance;
    struct account *account;
};

/* All on the session given. False: one step has ended the restore. */
bool conduct_alone(const struct conduct_work *work, struct target *target,
                   struct error *error) MUST_CHECK;

/* On up to `jobs` sessions, with fewer if no more can be had. False: the restore has ended early,
 * and the run's cancel is set. */
bool conduct_team(const struct conduct_work *work, const struct connection *connection,
                  const struct target_settings *settings, unsigned jobs,
                  struct error *error) MUST_CHECK;

#endif
