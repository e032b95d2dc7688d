#include "engine/restore/account.h"

#include <inttypes.h>
#include <stdio.h>

static void take_outcome(struct account *account, const struct outcome *outcome)
{
    struct restore_totals *totals = account->totals;

    totals->rows += outcome->rows;
    totals->raw_bytes += outcome->raw_bytes;
    totals->stored_bytes += outcome->stored_bytes;
    totals->large_objects += outcome->large_objects;
    totals->errors += outcome->error_count;
    account->is_damaged = account->is_damaged || outcome->damage_count > 0;
    account->is_hostile = account->is_hostile || outcome->is_hostile;
    account->found_no_room = account->found_no_room || outcome->found_no_room;
}

static void count_failure(struct account *account, const struct outcome *outcome)
{
    account->failed_objects += outcome->error_count > 0;
    account->lost_objects +=
        outcome->damage_count > 0 && outcome->damage_count == outcome->error_count;
}

static void count_entry(struct account *account)
{
    account->totals->entries++;
    counter_add(&account->watch->counters.entries_done, 1);
}

void account_drop(struct account *account, const struct outcome *outcome)
{
    take_outcome(account, outcome);
    account->failed_drops += outcome->error_count > 0;
}

void account_definition(struct account *account, const struct outcome *outcome)
{
    take_outcome(account, outcome);
    count_failure(account, outcome);
    count_entry(account);
}

/* An entry in two halves ends with the first that fails, or with the second. */
static bool ends_entry(const struct plan_step *step, const struct outcome *outcome)
{
    switch (step->action) {
    case PLAN_DISABLE_TRIGGERS:
    case PLAN_ENABLE_TRIGGERS:
    case PLAN_ANALYZE:
        return false;
    case PLAN_DEFINE:
        return step->halved == NULL || !outcome->is_defined;
    default:
        return step->part == 0;
    }
}

void account_step(struct account *account, const struct plan_step *step,
                  const struct outcome *outcome)
{
    take_outcome(account, outcome);
    count_failure(account, outcome);
    if (outcome->damage_count > 0 && account->losses != NULL)
        losses_note(account->losses, step);
    if (!ends_entry(step, outcome))
        return;
    count_entry(account);
    if (step->action == PLAN_LOAD_TABLE) {
        account->totals->chunks++;
        account->totals->tables += step->table == NULL || step->table->data == step->entry;
    }
}

static void describe_failures(const struct account *account, char *text, size_t room)
{
    uint64_t failed = account->failed_objects, drops = account->failed_drops;

    if (failed > 0 && drops > 0)
        snprintf(text, room,
                 "%" PRIu64 " of %" PRIu64 " objects failed to restore, and %" PRIu64
                 " could not be dropped before",
                 failed, account->totals->entries, drops);
    else if (failed > 0)
        snprintf(text, room, "%" PRIu64 " of %" PRIu64 " objects failed to restore", failed,
                 account->totals->entries);
    else
        snprintf(text, room,
                 "all objects were restored, but %" PRIu64 " could not be dropped before", drops);
}

/* What is damaged was given up beforehand; whatever else failed was not. */
static bool close_salvage(const struct account *account, struct error *error)
{
    uint64_t lost = account->lost_objects;

    if (lost > 0)
        return error_set(error, ERROR_PARTIAL,
                         "all was restored but what is damaged: %" PRIu64 " of %" PRIu64 " objects",
                         lost, account->totals->entries);
    return !account->is_unproven ||
           error_set(error, ERROR_PARTIAL,
                     "all was restored, but nothing proves it to be all that was dumped");
}

bool account_close(const struct account *account, struct error *error)
{
    char failures[160];

    if (account->losses != NULL)
        losses_tell(account->losses);
    if (account->salvages && account->failed_objects == account->lost_objects &&
        account->failed_drops == 0)
        return close_salvage(account, error);
    if (account->failed_objects + account->failed_drops == 0)
        return true;
    describe_failures(account, failures, sizeof failures);
    if (account->is_hostile)
        return error_set(error, ERROR_HOSTILE, "archive is refused in part: %s", failures);
    if (account->is_damaged && !account->salvages)
        return error_set(error, ERROR_DAMAGED, "archive is damaged: %s", failures);
    return error_set(error, ERROR_OBJECTS, "%s", failures);
}
