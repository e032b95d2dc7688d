#include "engine/restore/take_up_database.h"

#include "engine/restore/connect.h"
#include "engine/restore/take_up.h"

static const struct toc_entry *find_database_entry(const struct restore *restore)
{
    for (size_t i = 0; i < restore->plan.serial_count; i++)
        if (restore->plan.serial[i]->type == ENTRY_DATABASE)
            return restore->plan.serial[i];
    return NULL;
}

static bool database_exists(struct restore *restore, const char *name, bool *exists,
                            struct error *error)
{
    struct rows *rows;

    if (!session_query_parameters(restore->target->session,
                                  "SELECT FROM pg_catalog.pg_database WHERE datname = $1", 1, &name,
                                  &rows, error))
        return false;
    *exists = rows_count(rows) > 0;
    rows_free(rows);
    return true;
}

/* Before there is a journal in it, the interrupted run may have ended between the two statements
 * that make a database and give it to its owner. */
static bool own_database(struct restore *restore, const struct toc_entry *entry,
                         struct error *error)
{
    struct target *target = restore->target;
    struct statement_state state = {.user = NULL};
    struct statement_list list;

    if (!statement_create(&list, restore->arena, restore->archive->toc, entry,
                          &restore->settings.statements, &state, error))
        return false;
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i].purpose == STATEMENT_OWNER &&
            !session_execute(target->session, list.items[i].sql, error))
            return false;
    return true;
}

bool take_up_database(struct restore *restore, struct error *error)
{
    const struct toc_entry *database = find_database_entry(restore);
    bool exists = false;

    if (database == NULL)
        return take_up_journal(restore, error);
    if (restore->options->resume && !database_exists(restore, database->tag, &exists, error))
        return false;
    return !exists || (connect_to_database(restore, database->tag, error) &&
                       take_up_journal(restore, error) && own_database(restore, database, error));
}
