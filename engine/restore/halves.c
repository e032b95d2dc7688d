#include "engine/restore/halves.h"

#include "engine/sql/statement.h"

#include <string.h>

/* What the second statement costs, a fraction of a millisecond, is a fraction of what the first
 * takes from here on. */
enum { HALVED_STORED_BYTES = 512 * 1024 };

/* Servers before it refuse a key of a partitioned table that is NOT VALID, and do not validate all
 * of one that refers to such a table. */
enum { SINCE_KEYS_OF_PARTITIONED = 180000 };

static bool is_named(struct arena *arena, const struct plan_table *table, struct span name)
{
    const struct toc_entry *definition = table->definition;

    if (definition == NULL || definition->type != ENTRY_TABLE)
        return false;
    const char *qualified = statement_qualified_name(arena, definition);
    return strlen(qualified) == name.length && memcmp(qualified, name.data, name.length) == 0;
}

/* Of the tables that the entry depends on the one that is written so: its number + 1. */
static size_t find_table(struct arena *arena, const struct table_graph *graph,
                         const struct toc_entry *entry, struct span name)
{
    for (size_t i = 0; i < entry->dependency_count; i++) {
        size_t table = table_graph_find(graph, entry->dependencies[i]);
        if (table != NO_NUMBER && is_named(arena, &graph->tables[table - 1], name))
            return table;
    }
    return NO_NUMBER;
}

static struct halved_entry *halve(struct arena *arena, const struct toc_entry *entry,
                                  const struct definition_halves *halves, size_t table)
{
    struct halved_entry *halved = arena_allocate(arena, 1, sizeof *halved);

    halved->whole = entry;
    halved->first = halved->second = *entry;
    halved->first.definition = halves->first;
    halved->second.definition = halves->second;
    halved->undo = halves->undo;
    halved->table = table;
    return halved;
}

static bool is_large(struct table_graph *graph, size_t table)
{
    return table_graph_family_bytes(graph, table) >= HALVED_STORED_BYTES;
}

static const struct halved_entry *halve_key(struct arena *arena, struct table_graph *graph,
                                            const struct toc_entry *entry)
{
    struct definition_halves halves;

    if (!definition_halves_of_key(&halves, arena, entry->definition))
        return NULL;
    size_t table = find_table(arena, graph, entry, halves.relation);
    if (table == NO_NUMBER || graph->tables[table - 1].is_partitioned ||
        graph->tables[table - 1].stored_bytes < HALVED_STORED_BYTES ||
        (halves.is_primary_key && graph->tables[table - 1].whole != NO_NUMBER))
        return NULL;
    return halve(arena, entry, &halves, table - 1);
}

/* A table that has parts may be partitioned. */
static bool may_be_partitioned(const struct table_graph *graph, size_t table)
{
    return graph->tables[table].is_partitioned || graph->parts.first_by_table[table] != NO_NUMBER;
}

static const struct halved_entry *halve_foreign_key(struct arena *arena, struct table_graph *graph,
                                                    const struct toc_entry *entry)
{
    struct definition_halves halves;

    if (!definition_halves_of_foreign_key(&halves, arena, entry->definition))
        return NULL;
    size_t table = find_table(arena, graph, entry, halves.relation);
    size_t referred = find_table(arena, graph, entry, halves.referred);
    if (table == NO_NUMBER || referred == NO_NUMBER || !is_large(graph, table - 1))
        return NULL;
    struct halved_entry *halved = halve(arena, entry, &halves, table - 1);
    if (graph->tables[table - 1].is_partitioned || may_be_partitioned(graph, referred - 1))
        halved->least_version = SINCE_KEYS_OF_PARTITIONED;
    return halved;
}

const struct halved_entry *halves_choose(struct arena *arena, struct table_graph *graph,
                                         const struct toc_entry *entry)
{
    if (entry->definition == NULL)
        return NULL;
    if (entry->type == ENTRY_CONSTRAINT)
        return halve_key(arena, graph, entry);
    if (entry->type == ENTRY_FK_CONSTRAINT)
        return halve_foreign_key(arena, graph, entry);
    return NULL;
}
