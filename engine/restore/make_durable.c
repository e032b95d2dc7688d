#include "engine/restore/make_durable.h"

#include "engine/base/fault.h"
#include "engine/restore/connect.h"

#include <string.h>

/* The session was lost while it removed the journal: with it, what the other one needs to take part
 * may be gone. */
static bool is_removed_after_all(struct restore *restore, bool *is_removed, struct error *error)
{
    unsigned number = restore->target->number;

    connect_close(restore);
    if (connect_open(restore, error)) {
        *is_removed = false;
        return journal_await_end(restore->target->session, restore->watch->cancel, number,
                                 restore->settings.reconnect_limit_us, error);
    }
    *is_removed = strcmp(error->sqlstate, "42P01") == 0 || strcmp(error->sqlstate, "3F000") == 0;
    return *is_removed;
}

/* With the commit that makes all others durable. */
static bool remove_journal(struct restore *restore, struct error *error)
{
    bool is_removed = false;

    for (;;) {
        FAULT_POINT("restore.journal_remove.before");
        is_removed = journal_remove(restore->target->session, error);
        FAULT_POINT("restore.journal_remove.after");
        if (is_removed || !target_is_recoverable(restore->target))
            break;
        if (!is_removed_after_all(restore, &is_removed, error))
            return false;
        if (is_removed)
            break;
    }
    if (is_removed)
        restore->settings.journal = NULL;
    return is_removed;
}

/* A restore that goes on from there needs it. Where not even this commit finds room, a crash would
 * take as much from the journal as from the work. */
static bool keep_journal(struct restore *restore, struct error *error)
{
    return target_make_durable(restore->target, error) || target_found_no_room(error);
}

static bool end_journal(struct restore *restore, struct error *error)
{
    if (remove_journal(restore, error))
        return true;
    error_prefix(error, "all is restored, but the journal (schema " JOURNAL_SCHEMA
                        ") could not be removed");
    return false;
}

bool make_durable(struct restore *restore, struct error *error)
{
    if (restore->options->single_transaction)
        return true;
    if (restore->target == NULL && !connect_open(restore, error))
        return false;
    atomic_store(&restore->watch->phase, "making durable");
    if (restore->settings.journal != NULL && !restore->account.found_no_room)
        return end_journal(restore, error);
    if (restore->settings.journal != NULL ? keep_journal(restore, error)
                                          : target_make_durable(restore->target, error))
        return true;
    error_prefix(error, "could not make the restored data durable");
    return false;
}
