#include "engine/restore/create_blobs.h"

#include "engine/base/text.h"
#include "engine/sql/statement.h"

/* Each takes a lock in the server until the end of the statement: few enough for the smallest
 * max_locks_per_transaction. */
enum { MOST_AT_ONCE = 500 };

size_t create_blobs_count(const struct plan *plan, size_t first)
{
    size_t count = 0;

    while (count < MOST_AT_ONCE && first + count < plan->serial_count &&
           plan->serial[first + count]->entry->type == ENTRY_BLOB)
        count++;
    return count;
}

static bool append_statements(struct text *sql, struct target *target,
                              const struct toc_entry *entry, struct statement_state *state)
{
    struct statement_list list = {.warning = NULL};
    struct error unused;

    if (!statement_create(&list, target->arena, target->settings->archive->toc, entry,
                          &target->settings->statements, state, &unused) ||
        list.warning != NULL)
        return false;
    for (size_t i = 0; i < list.count; i++) {
        text_append(sql, list.items[i].sql);
        text_append(sql, ";\n");
    }
    return !sql->is_cut;
}

bool create_blobs(struct target *target, const struct plan *plan, size_t first, size_t count)
{
    struct statement_state state = target->state;
    struct error unused;
    struct text sql;
    bool is_done = true;

    if (target->settings->is_one_transaction)
        return false;
    target_renew_arena(target);
    text_init(&sql, TEXT_MAXIMUM);
    for (size_t i = 0; is_done && i < count; i++)
        is_done = append_statements(&sql, target, plan->serial[first + i]->entry, &state);
    /* One string is one transaction: nothing of it stays if any of it fails. */
    is_done = is_done && session_execute(target->session, sql.data, &unused);
    text_clear(&sql);
    if (is_done)
        target->state = state;
    return is_done;
}
