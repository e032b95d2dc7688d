#include "engine/restore/analyses.h"

#include "engine/base/memory.h"

#include <assert.h>
#include <stdlib.h>

/* Few enough that a group's statement is over soon, and its tables' locks given back. */
enum { GROUP_TABLES = 100, GROUP_STORED_BYTES = 4 * 1024 * 1024 };

struct chooser {
    struct analyses *analyses;
    struct arena *arena;
    const struct toc *toc;
    const struct selection *selection;
    const struct table_graph *graph;
    bool *brings_statistics; /* by dump id of the relation's definition */
    bool *is_wanted;         /* by table */
    bool *is_partition;      /* by table: of one that is wanted */
    struct analyzed_relation *relations;
    size_t relation_count, group_start;
    uint64_t group_bytes;
};

static int owner_id(const struct chooser *chooser, const struct toc_entry *entry)
{
    int id = entry->dependency_count > 0 ? entry->dependencies[0] : 0;

    return id > 0 && id <= chooser->toc->largest_dump_id ? id : 0;
}

static void note_brought_statistics(struct chooser *chooser)
{
    for (size_t i = 0; i < chooser->selection->count; i++) {
        const struct selected_entry *selected = &chooser->selection->entries[i];
        if (selected->entry->type == ENTRY_STATISTICS_DATA && (selected->wanted & WANT_STATISTICS))
            chooser->brings_statistics[owner_id(chooser, selected->entry)] = true;
    }
    /* Those of extended statistics are in no archive. */
    for (size_t i = 0; i < chooser->selection->count; i++) {
        const struct toc_entry *entry = chooser->selection->entries[i].entry;
        if (entry->type == ENTRY_STATISTICS)
            chooser->brings_statistics[owner_id(chooser, entry)] = false;
    }
    chooser->brings_statistics[0] = false;
}

static bool has_file(const struct toc_entry *entry)
{
    return entry->has_data && entry->file_name != NULL && entry->file_name[0] != '\0';
}

static bool lacks_statistics(const struct chooser *chooser, size_t table)
{
    const struct toc_entry *definition = chooser->graph->tables[table].definition;

    return definition == NULL || !chooser->brings_statistics[definition->dump_id];
}

static void want_loaded_tables(struct chooser *chooser)
{
    for (size_t i = 0; i < chooser->selection->count; i++) {
        const struct selected_entry *selected = &chooser->selection->entries[i];
        size_t number = table_graph_find(chooser->graph, selected->entry->dump_id);

        if (selected->entry->type == ENTRY_TABLE_DATA && (selected->wanted & WANT_DATA) &&
            has_file(selected->entry) && number != NO_NUMBER &&
            lacks_statistics(chooser, number - 1))
            chooser->is_wanted[number - 1] = true;
    }
}

/* One level of the trees at a time, until a round finds nothing new. */
static void want_partitioned_tables(struct chooser *chooser)
{
    const struct table_pairs *parts = &chooser->graph->parts;
    bool has_changed = true;

    while (has_changed) {
        has_changed = false;
        for (size_t i = 0; i < parts->count; i++) {
            size_t whole = parts->items[i].first, part = parts->items[i].second;

            if (!chooser->graph->tables[whole].is_partitioned || !chooser->is_wanted[part])
                continue;
            chooser->is_partition[part] = lacks_statistics(chooser, whole);
            if (!chooser->is_wanted[whole] && chooser->is_partition[part])
                has_changed = chooser->is_wanted[whole] = true;
        }
    }
}

static void close_group(struct chooser *chooser)
{
    size_t count = chooser->relation_count - chooser->group_start;

    if (count == 0)
        return;
    chooser->analyses->items[chooser->analyses->count++] =
        (struct analysis){.relations = &chooser->relations[chooser->group_start], .count = count};
    chooser->group_start = chooser->relation_count;
    chooser->group_bytes = 0;
}

static void add_relation(struct chooser *chooser, struct analyzed_relation relation)
{
    chooser->relations[chooser->relation_count++] = relation;
}

static void add_table(struct chooser *chooser, size_t number)
{
    const struct plan_table *table = &chooser->graph->tables[number];

    add_relation(chooser, (struct analyzed_relation){
                              .entry = table->data != NULL ? table->data : table->definition,
                              .table = number + 1,
                              .is_partitioned = table->is_partitioned,
                              .is_partition = chooser->is_partition[number],
                          });
}

static void choose_tables(struct chooser *chooser)
{
    for (size_t i = 0; i < chooser->graph->count; i++) {
        const struct plan_table *table = &chooser->graph->tables[i];

        if (!chooser->is_wanted[i] || table->is_partitioned)
            continue;
        if (chooser->relation_count - chooser->group_start >= GROUP_TABLES ||
            chooser->group_bytes + table->stored_bytes > GROUP_STORED_BYTES)
            close_group(chooser);
        chooser->group_bytes += table->stored_bytes;
        add_table(chooser, i);
    }
    close_group(chooser);
}

static void choose_partitioned_tables(struct chooser *chooser)
{
    for (size_t i = 0; i < chooser->graph->count; i++) {
        if (!chooser->is_wanted[i] || !chooser->graph->tables[i].is_partitioned)
            continue;
        add_table(chooser, i);
        close_group(chooser);
    }
}

static void choose_materialized_views(struct chooser *chooser)
{
    for (size_t i = 0; i < chooser->selection->count; i++) {
        const struct selected_entry *selected = &chooser->selection->entries[i];

        if (selected->entry->type != ENTRY_MATERIALIZED_VIEW_DATA || selected->wanted == 0 ||
            chooser->brings_statistics[owner_id(chooser, selected->entry)])
            continue;
        add_relation(chooser, (struct analyzed_relation){.entry = selected->entry});
        close_group(chooser);
    }
}

void analyses_choose(struct analyses *analyses, struct arena *arena, const struct toc *toc,
                     const struct selection *selection, const struct table_graph *graph)
{
    size_t most = graph->count + selection->count;
    struct chooser chooser = {
        .analyses = analyses,
        .arena = arena,
        .toc = toc,
        .selection = selection,
        .graph = graph,
        .brings_statistics = memory_allocate((size_t)toc->largest_dump_id + 1, sizeof(bool)),
        .is_wanted = memory_allocate(graph->count + 1, sizeof(bool)),
        .is_partition = memory_allocate(graph->count + 1, sizeof(bool)),
        .relations = arena_allocate(arena, most + 1, sizeof(struct analyzed_relation)),
    };

    *analyses = (struct analyses){
        .items = arena_allocate(arena, most + 1, sizeof(struct analysis)),
    };
    note_brought_statistics(&chooser);
    want_loaded_tables(&chooser);
    want_partitioned_tables(&chooser);
    choose_tables(&chooser);
    choose_partitioned_tables(&chooser);
    choose_materialized_views(&chooser);
    free(chooser.brings_statistics);
    free(chooser.is_wanted);
    free(chooser.is_partition);
}
