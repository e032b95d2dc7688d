/* The coordinator's sum over all outcomes, and the result of the restore that follows from it. */
#ifndef PGFAST_RESTORE_ACCOUNT_H
#define PGFAST_RESTORE_ACCOUNT_H

#include "engine/flow/watch.h"
#include "engine/restore/losses.h"
#include "engine/restore/outcome.h"
#include "engine/restore/plan.h"
#include "engine/restore/run.h"

struct account {
    struct restore_totals *totals;
    struct watch *watch;
    struct losses *losses; /* lent; NULL: nobody keeps count of what is lost */
    bool salvages;         /* what is damaged is not asked for */
    bool is_unproven;      /* nothing told whether the files are those that were written */
    uint64_t failed_objects, failed_drops;
    uint64_t lost_objects; /* of the failed ones: for damage alone */
    bool is_damaged, is_hostile;
    bool found_no_room; /* the server had none for something: another try may do better */
};

void account_drop(struct account *account, const struct outcome *outcome);
void account_definition(struct account *account, const struct outcome *outcome);
void account_step(struct account *account, const struct plan_step *step,
                  const struct outcome *outcome);

/* False, with ERROR_DAMAGED or ERROR_OBJECTS, when something failed on the way; with ERROR_PARTIAL
 * when a salvage has brought back all but what is damaged. */
bool account_close(const struct account *account, struct error *error) MUST_CHECK;

#endif
