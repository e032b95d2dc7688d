#include "engine/restore/drop_all.h"

#include "engine/restore/execute_in_order.h"

static bool is_to_be_dropped(const struct restore *restore, const struct selected_entry *selected)
{
    return (selected->wanted & (WANT_SCHEMA | WANT_DATA)) &&
           selected->entry->drop_statement != NULL &&
           (!restore->options->selection.create || entry_type_is_database(selected->entry->type));
}

static bool conclude_drop(struct restore *restore, const struct toc_entry *entry,
                          const struct outcome *outcome, struct error *error)
{
    (void)entry;
    account_drop(&restore->account, outcome);
    if (outcome->stops)
        *error = outcome->error;
    return !outcome->stops;
}

static bool is_dropped(const struct restore *restore, const struct toc_entry *entry)
{
    return journal_keys_have(&restore->journal.done, execute_key(EXECUTE_DROP, entry));
}

bool drop_all(struct restore *restore, struct error *error)
{
    const struct selection *selection = &restore->selection;
    const struct toc_entry **entries =
        arena_allocate(restore->arena, selection->count + 1, sizeof(struct toc_entry *));
    size_t count = 0;

    atomic_store(&restore->watch->phase, "dropping");
    for (size_t i = selection->count; i-- > 0;)
        if (is_to_be_dropped(restore, &selection->entries[i]) &&
            !is_dropped(restore, selection->entries[i].entry))
            entries[count++] = selection->entries[i].entry;
    return execute_in_order(restore, EXECUTE_DROP, conclude_drop, entries, count, error) &&
           target_note(restore->target, journal_key(JOURNAL_CLEANED, 0, 0), error);
}

/* An earlier run has got beyond it: what is there now is restored. */
static bool is_cleaned(const struct restore *restore)
{
    return journal_keys_have(&restore->journal.done, journal_key(JOURNAL_CLEANED, 0, 0));
}

/* With --create only databases are dropped, before they are made. */
bool drop_is_due(const struct restore *restore)
{
    return restore->options->clean && !is_cleaned(restore) &&
           !(restore_goes_on(restore) && restore->options->selection.create);
}
