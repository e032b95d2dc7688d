#include "engine/restore/batch.h"

#include "engine/base/text.h"
#include "engine/sql/large_objects.h"

#include <string.h>

/* Of text; the server keeps a parsed form of all of it. */
enum { MOST_BYTES = 256 * 1024 };

bool batch_takes(const struct toc_entry *entry)
{
    switch (entry->type) {
    case ENTRY_UNKNOWN:
    case ENTRY_WARNING:
    case ENTRY_DATABASE:
    case ENTRY_DATABASE_PROPERTIES:
    case ENTRY_SUBSCRIPTION:
    case ENTRY_BLOB_METADATA:
    case ENTRY_MATERIALIZED_VIEW_DATA: /* may take long: what it waits for should be its own */
        return false;
    default:
        return !large_objects_is_group_acl(entry);
    }
}

static size_t weigh(const struct toc_entry *entry)
{
    return (entry->definition != NULL ? strlen(entry->definition) : 0) +
           (entry->drop_statement != NULL ? strlen(entry->drop_statement) : 0);
}

size_t batch_count(const struct target *target, const struct toc_entry *const *entries,
                   size_t count)
{
    size_t bytes = 0, taken = 0;

    while (taken < count && taken < target->batch_size.now && batch_takes(entries[taken])) {
        bytes += weigh(entries[taken]);
        if (bytes > MOST_BYTES)
            break;
        taken++;
    }
    return taken;
}

/* A definition may end in a comment, or without a semicolon. */
static void append_statement(struct text *sql, const char *statement)
{
    text_append(sql, statement);
    text_append(sql, "\n;\n");
}

static bool append_entry(struct text *sql, struct target *target, make_statements *make,
                         const struct toc_entry *entry, struct statement_state *state)
{
    struct statement_list list = {.warning = NULL};
    struct error unused;

    if (!make(&list, target->arena, target->settings->archive->toc, entry,
              &target->settings->statements, state, &unused) ||
        list.warning != NULL)
        return false;
    for (size_t i = 0; i < list.count; i++) {
        if (list.items[i].is_batch)
            return false;
        append_statement(sql, list.items[i].sql);
    }
    return !sql->is_cut;
}

static bool make_text(struct text *sql, struct target *target, make_statements *make,
                      const struct toc_entry *const *entries, size_t count,
                      struct statement_state *state)
{
    for (size_t i = 0; i < count; i++)
        if (!append_entry(sql, target, make, entries[i], state))
            return false;
    return true;
}

/* A warning should be told with the entry it is about. The server does not say which one that is:
 * it will when each entry goes alone. */
static bool run_text(struct target *target, const char *sql, struct error *error)
{
    return session_execute(target->session, sql, error) && !target_forget_warnings(target) &&
           target_end_batch(target, error);
}

bool batch_execute(struct target *target, make_statements *make,
                   const struct toc_entry *const *entries, size_t count, struct error *error)
{
    struct statement_state state = target->state;
    struct text sql;

    target_renew_arena(target);
    text_init(&sql, TEXT_MAXIMUM);
    append_statement(&sql, target_batch_opening(target));
    bool is_done =
        make_text(&sql, target, make, entries, count, &state) && run_text(target, sql.data, error);
    text_clear(&sql);
    if (is_done)
        target->state = state;
    else
        target_undo_batch(target);
    batch_size_learn(&target->batch_size, is_done);
    return is_done;
}
