#include "engine/restore/fresh_tables.h"

#include "engine/restore/numbers.h"
#include "engine/sql/statement.h"

/* Has the table both: a definition and rows that are selected? */
struct chosen {
    bool is_made, is_filled;
};

static void choose(struct chosen *chosen, const struct selected_entry *selected,
                   const struct plan *plan)
{
    size_t number = plan->table_by_dump_id[selected->entry->dump_id];

    if (number == NO_NUMBER)
        return;
    if (selected->entry->type == ENTRY_TABLE && (selected->wanted & WANT_SCHEMA) != 0)
        chosen[number - 1].is_made = true;
    if (selected->entry->type == ENTRY_TABLE_DATA && (selected->wanted & WANT_DATA) != 0)
        chosen[number - 1].is_filled = true;
}

void fresh_tables_find(struct name_set *tables, struct arena *arena,
                       const struct selection *selection, const struct plan *plan)
{
    struct chosen *chosen = arena_allocate(arena, plan->table_count + 1, sizeof chosen[0]);

    *tables = (struct name_set){.items = NULL};
    for (size_t i = 0; i < selection->count; i++)
        choose(chosen, &selection->entries[i], plan);
    for (size_t i = 0; i < plan->table_count; i++)
        if (chosen[i].is_made && chosen[i].is_filled)
            name_set_add(tables, statement_qualified_name(arena, plan->tables[i].definition));
    name_set_seal(tables);
}
