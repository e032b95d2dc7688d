#include "engine/dump/rescue.h"

#include "engine/archive/copy_statement.h"
#include "engine/schema/schema.h"

#include <string.h>

/* "string buffer exceeds maximum allowed length", "invalid memory alloc request size", and a server
 * that has not got so much memory. */
static const char *const sqlstates[] = {"54000", "XX000", "53200"};

bool rescue_is_called_for(const struct copy_task *task, const struct error *error)
{
    if (task->kind != COPY_TABLE || task->is_binary || task->relation->kind != 'r')
        return false;
    for (size_t i = 0; i < sizeof sqlstates / sizeof sqlstates[0]; i++)
        if (strcmp(error->sqlstate, sqlstates[i]) == 0)
            return true;
    return false;
}

/* NULL: all of them have a binary form. */
static bool find_unportable(const char **unportable, struct arena *arena, struct session *session,
                            const struct relation *relation, struct error *error)
{
    struct relation alone = *relation;
    struct schema schema = {.relations = &alone, .count = 1};

    if (!schema_read_unportable(&schema, arena, session, error))
        return false;
    *unportable = alone.unportable;
    return true;
}

static void tell_obstacle(const char *unportable, struct error *error)
{
    error_hint(
        error,
        "A value is too large for COPY's text form, and column %s keeps the table from being "
        "dumped in binary form.",
        unportable);
}

/* The first attempt has left a file under the name of the entry. */
static const char *other_file_name(struct arena *arena, const struct toc_entry *entry)
{
    return arena_print(arena, "%d.binary.dat", entry->dump_id);
}

/* NULL: nobody wants it any more, or the run has failed before that was known. */
static const struct toc_entry *entry_of(const struct copy_task *task)
{
    return task->entry ? task->entry : atomic_load(&task->early->entry);
}

bool rescue_plan(struct copy_task *rescued, struct toc_entry *entry, struct arena *arena,
                 struct session *session, const struct copy_task *task, struct error *error)
{
    const struct toc_entry *first = entry_of(task);
    struct copy_statement parts;
    struct error failure;
    const char *unportable;

    if (!first)
        return false;
    if (!find_unportable(&unportable, arena, session, task->relation, &failure) ||
        !copy_statement_parse(first->copy_statement, &parts, &failure)) {
        *error = failure;
        return false;
    }
    if (unportable) {
        tell_obstacle(unportable, error);
        return false;
    }
    *entry = *first;
    entry->file_name = other_file_name(arena, entry);
    entry->copy_statement = copy_statement_binary(arena, &parts);
    *rescued = *task;
    rescued->entry = entry;
    rescued->early = NULL;
    rescued->is_binary = true;
    rescued->copy_sql = arena_print(arena, "%s WITH (FORMAT binary)", task->copy_sql);
    return true;
}
