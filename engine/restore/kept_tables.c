#include "engine/restore/kept_tables.h"

#include "engine/restore/fresh_tables.h"
#include "engine/restore/preflight_queries.h"
#include "engine/sql/statement.h"

#include <string.h>

void kept_tables_note(struct restore *restore, const struct toc_entry *entry,
                      const struct outcome *outcome)
{
    if (restore->options->clean && entry->type == ENTRY_TABLE &&
        strcmp(outcome->error.sqlstate, "42P07") == 0)
        name_set_add(&restore->kept_tables, statement_qualified_name(restore->arena, entry));
}

static void bar(struct restore *restore, const struct plan_table *table, const char *name)
{
    plan_table_failed(&restore->plan, table->definition);
    event_emit(restore->watch->events, EVENT_WARNING,
               "table %s could not be replaced, and holds rows: those of the archive are not added "
               "to them",
               name);
}

static void bar_all(struct restore *restore, const struct name_set *filled)
{
    struct name_set fresh;

    fresh_tables_find(&fresh, restore->arena, &restore->selection, &restore->plan);
    for (size_t i = 0; i < restore->plan.table_count; i++) {
        const struct plan_table *table = &restore->plan.tables[i];

        if (table->definition == NULL)
            continue;
        const char *name = statement_qualified_name(restore->arena, table->definition);
        if (name_set_has(filled, name) && name_set_has(&fresh, name))
            bar(restore, table, name);
    }
    name_set_clear(&fresh);
}

void kept_tables_bar(struct restore *restore)
{
    struct name_set *kept = &restore->kept_tables;
    struct name_set filled = {.items = NULL};
    struct error unknown;

    if (kept->count == 0)
        return;
    name_set_seal(kept);
    bar_all(restore,
            preflight_find_filled(restore->target->session, kept, kept->count, &filled, &unknown)
                ? &filled
                : kept);
    name_set_clear(&filled);
    name_set_clear(kept);
}
