/* The coordinator's sum over all outcomes, and the result of the restore that follows from it. */
#ifndef PGFAST_RESTORE_ACCOUNT_H
#define PGFAST_RESTORE_ACCOUNT_H

#include "engine/flow/watch.h"
#include "engine/restore/outcome.h"
#include "engine/restore/plan.h"
#include "engine/restore/run.h"

struct account {
    struct restore_totals *totals;
    struct watch *watch;
    uint64_t failed_objects, failed_drops;
    bool is_damaged, is_hostile;
};

void account_drop(struct account *account, const struct outcome *outcome);
void account_definition(struct account *account, const struct outcome *outcome);
void account_step(struct account *account, const struct plan_step *step,
                  const struct outcome *outcome);

/* False, with ERROR_DAMAGED or ERROR_OBJECTS, when something failed on the way. */
bool account_close(const struct account *account, struct error *error) MUST_CHECK;

#endif
