#include "engine/restore/account.h"

#include <inttypes.h>

static void take_outcome(struct account *account, const struct outcome *outcome)
{
    struct restore_totals *totals = account->totals;

    totals->rows += outcome->rows;
    totals->raw_bytes += outcome->raw_bytes;
    totals->stored_bytes += outcome->stored_bytes;
    totals->large_objects += outcome->large_objects;
    totals->errors += outcome->error_count;
    account->is_damaged = account->is_damaged || outcome->is_damaged;
}

static void count_entry(struct account *account)
{
    account->totals->entries++;
    counter_add(&account->watch->counters.entries_done, 1);
}

void account_drop(struct account *account, const struct outcome *outcome)
{
    take_outcome(account, outcome);
    account->failed_objects += outcome->error_count > 0;
}

void account_definition(struct account *account, const struct outcome *outcome)
{
    account_drop(account, outcome);
    count_entry(account);
}

void account_step(struct account *account, const struct plan_step *step,
                  const struct outcome *outcome)
{
    take_outcome(account, outcome);
    /* Large objects fail each on its own, whatever fails elsewhere is one object. */
    if (step->action == PLAN_LOAD_BLOBS)
        account->failed_objects += outcome->error_count;
    else
        account->failed_objects += outcome->error_count > 0;
    if (step->action == PLAN_DISABLE_TRIGGERS || step->action == PLAN_ENABLE_TRIGGERS)
        return;
    count_entry(account);
    if (step->action == PLAN_LOAD_TABLE) {
        account->totals->chunks++;
        account->totals->tables += step->table == NULL || step->table->data == step->entry;
    }
}

bool account_close(const struct account *account, struct error *error)
{
    const char *plural = account->failed_objects == 1 ? "" : "s";

    if (account->failed_objects == 0)
        return true;
    if (account->is_damaged)
        return error_set(error, ERROR_DAMAGED,
                         "archive is damaged: %" PRIu64 " object%s failed to restore",
                         account->failed_objects, plural);
    return error_set(error, ERROR_OBJECTS, "%" PRIu64 " object%s failed to restore",
                     account->failed_objects, plural);
}
