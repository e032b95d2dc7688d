#include "engine/restore/define_all.h"

#include "engine/restore/connect.h"
#include "engine/restore/define_spread.h"
#include "engine/restore/execute_in_order.h"
#include "engine/restore/kept_tables.h"
#include "engine/restore/take_up.h"

#include <string.h>

/* A database is there already under the name of the one that was to be made. */
static enum error_kind kind_of_failure(const struct outcome *outcome)
{
    bool exists = strcmp(outcome->error.sqlstate, "42P04") == 0;

    return exists ? ERROR_CONFLICT : outcome->error.kind;
}

/* What is there under the name of a database that cannot be created is another's. Why it cannot has
 * been told. */
static bool fail_database(const struct toc_entry *entry, const struct outcome *outcome,
                          struct error *error)
{
    return error_set(error, kind_of_failure(outcome), "could not create database \"%s\"",
                     entry->tag);
}

static bool conclude_definition(struct restore *restore, const struct toc_entry *entry,
                                const struct outcome *outcome, struct error *error)
{
    account_definition(&restore->account, outcome);
    if (outcome->stops) {
        *error = outcome->error;
        error->kind = kind_of_failure(outcome);
        return false;
    }
    if (entry->type == ENTRY_DATABASE && !outcome->is_defined)
        return fail_database(entry, outcome, error);
    /* The properties hold for sessions that begin after them. */
    if (entry_type_is_database(entry->type))
        return connect_to_database(restore, entry->tag, error) &&
               (entry->type != ENTRY_DATABASE || take_up_journal(restore, error));
    if (outcome->is_defined)
        plan_table_created(&restore->plan, entry);
    else if (restore->options->no_data_for_failed_tables)
        plan_table_failed(&restore->plan, entry);
    else
        kept_tables_note(restore, entry, outcome);
    return true;
}

static bool define_in_order(struct restore *restore, const struct toc_entry *const *entries,
                            size_t count, struct error *error)
{
    return execute_in_order(restore, EXECUTE_DEFINITION, conclude_definition, entries, count,
                            error);
}

/* What the team has not made is left to the coordinator's session. */
static bool define_by_team(struct restore *restore, const struct toc_entry *const *entries,
                           size_t count, struct error *error)
{
    const struct outcome made = {.is_defined = true};
    bool *is_made = arena_allocate(restore->arena, count, sizeof is_made[0]);
    const struct toc_entry **left =
        arena_allocate(restore->arena, count, sizeof(struct toc_entry *));
    size_t left_count = 0;

    counter_set(&restore->watch->counters.sessions_busy, restore->settings.sessions);
    if (!define_spread(entries, count, restore->arena, restore->connection, &restore->settings,
                       is_made, error))
        return false;
    counter_set(&restore->watch->counters.sessions_busy, 1);
    for (size_t i = 0; i < count; i++) {
        if (!is_made[i])
            left[left_count++] = entries[i];
        else if (!conclude_definition(restore, entries[i], &made, error))
            return false;
    }
    return define_in_order(restore, left, left_count, error);
}

/* Fewer are not worth new sessions. A restore that ends with its first failure must know which one
 * that is, and a list of the user's has an order of its own. */
enum { SPREAD_ENTRIES = 200 };

static bool is_worth_spreading(const struct restore *restore, size_t count)
{
    return count >= SPREAD_ENTRIES && restore->settings.sessions > 1 &&
           !restore->settings.exit_on_error && restore->options->use_list_path == NULL;
}

/* The entries that go in order before the next that are worth spreading, or before the end. */
static size_t count_in_order(const struct restore *restore, const struct toc_entry *const *entries,
                             size_t count)
{
    size_t next = 0;

    while (next < count) {
        size_t length = spread_length(entries + next, count - next);

        if (is_worth_spreading(restore, length))
            break;
        next += length > 0 ? length : 1;
    }
    return next;
}

bool define_all(struct restore *restore, struct error *error)
{
    const struct toc_entry *const *entries = restore->plan.serial;
    const struct toc_entry *const *end = entries + restore->plan.serial_count;

    atomic_store(&restore->watch->phase, "pre-data");
    counter_set(&restore->watch->counters.sessions_busy, 1);
    while (entries < end) {
        size_t count = count_in_order(restore, entries, (size_t)(end - entries));

        if (!define_in_order(restore, entries, count, error))
            return false;
        entries += count;
        count = spread_length(entries, (size_t)(end - entries));
        if (count > 0 && !define_by_team(restore, entries, count, error))
            return false;
        entries += count;
    }
    kept_tables_bar(restore);
    return true;
}
