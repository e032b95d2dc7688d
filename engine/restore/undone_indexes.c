#include "engine/restore/undone_indexes.h"

#include "engine/base/arena.h"
#include "engine/sql/indexed_table.h"

enum { SINCE_NEWS_AT_ONCE = 180000 };

/* In one transaction there is one session, which knows what it has done. */
static bool is_needed(const struct target *target)
{
    return !target->settings->is_one_transaction && session_is_usable(target->session) &&
           session_server_version(target->session) < SINCE_NEWS_AT_ONCE;
}

static bool makes_index(const struct toc_entry *entry)
{
    return (entry->type == ENTRY_INDEX || entry->type == ENTRY_CONSTRAINT) &&
           entry->definition != NULL;
}

/* An option that no table has: the row is written as it is, and that is news. Where it fails, the
 * table is not there, or not ours. */
static void tell(struct target *target, struct span table)
{
    struct error ignored;
    const char *sql = arena_print(target->arena, "ALTER TABLE %.*s RESET (pgfast)",
                                  (int)table.length, (const char *)table.data);

    if (!session_execute(target->session, sql, &ignored))
        return;
}

void undone_indexes_tell(struct target *target, const struct toc_entry *const *entries,
                         size_t count)
{
    struct span table;

    if (!is_needed(target))
        return;
    for (size_t i = 0; i < count; i++)
        if (makes_index(entries[i]) && indexed_table(entries[i]->definition, &table))
            tell(target, table);
    (void)target_forget_warnings(target);
}
