#include "engine/restore/table_graph.h"

#include "engine/archive/large_object_pages.h"
#include "engine/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* While the graph is made. */
struct maker {
    struct table_graph *graph;
    const struct toc *toc;
    const struct selection *selection;
    size_t capacity; /* of the tables, in memory that grows */
    struct numbers family;
};

static void pairs_add(struct table_pairs *pairs, size_t first, size_t second)
{
    if (pairs->count == pairs->capacity) {
        pairs->capacity = pairs->capacity ? 2 * pairs->capacity : 64;
        pairs->items = memory_resize(pairs->items, pairs->capacity, sizeof pairs->items[0]);
    }
    pairs->items[pairs->count++] = (struct table_pair){.first = first, .second = second};
}

/* Threads the lists, when all pairs are known. */
static void pairs_link(struct table_pairs *pairs, size_t table_count)
{
    pairs->first_by_table = memory_allocate(table_count + 1, sizeof(size_t));
    for (size_t i = 0; i < pairs->count; i++) {
        size_t *first = &pairs->first_by_table[pairs->items[i].first];
        pairs->items[i].next = *first;
        *first = i + 1;
    }
}

static void pairs_clear(struct table_pairs *pairs)
{
    free(pairs->items);
    free(pairs->first_by_table);
}

const struct table_pair *table_pairs_get(const struct table_pairs *pairs, size_t number)
{
    if (number == NO_NUMBER)
        return NULL;
    assert(pairs->items != NULL && number <= pairs->count);
    return &pairs->items[number - 1];
}

static size_t table_add(struct maker *maker)
{
    struct table_graph *graph = maker->graph;

    if (graph->count == maker->capacity) {
        maker->capacity = maker->capacity ? 2 * maker->capacity : 64;
        graph->tables = memory_resize(graph->tables, maker->capacity, sizeof graph->tables[0]);
    }
    graph->tables[graph->count] = (struct plan_table){.definition = NULL};
    return graph->count++;
}

static bool is_known_id(const struct table_graph *graph, int dump_id)
{
    return dump_id > 0 && dump_id <= graph->largest_dump_id;
}

size_t table_graph_find(const struct table_graph *graph, int dump_id)
{
    return is_known_id(graph, dump_id) ? graph->by_dump_id[dump_id] : NO_NUMBER;
}

/* Only the newest archives tell it otherwise than by the definition's text. */
static bool is_partitioned(const struct toc_entry *definition)
{
    return definition != NULL && (definition->relkind == 'p' ||
                                  (definition->definition != NULL &&
                                   strstr(definition->definition, ")\nPARTITION BY ") != NULL));
}

/* The table of a definition's dump id, made where there is none yet. */
static size_t table_find_or_add(struct maker *maker, int dump_id)
{
    struct table_graph *graph = maker->graph;
    size_t *slot = &graph->by_dump_id[dump_id];

    if (*slot == NO_NUMBER) {
        size_t table = table_add(maker);
        graph->tables[table].definition = toc_find(maker->toc, dump_id);
        graph->tables[table].is_partitioned = is_partitioned(graph->tables[table].definition);
        *slot = table + 1;
    }
    return *slot - 1;
}

/* A data entry's first dependency is its table, also where the table itself is not in the archive
 * because it came with an extension. */
static void group_data(struct maker *maker, const uint64_t *stored_bytes)
{
    struct table_graph *graph = maker->graph;

    for (size_t i = 0; i < maker->selection->count; i++) {
        const struct toc_entry *entry = maker->selection->entries[i].entry;

        if (entry->type != ENTRY_TABLE_DATA || large_object_pages_is_entry(entry))
            continue;
        int owner_id = entry->dependency_count > 0 ? entry->dependencies[0] : 0;
        size_t number =
            is_known_id(graph, owner_id) ? table_find_or_add(maker, owner_id) : table_add(maker);
        struct plan_table *table = &graph->tables[number];
        if (table->data == NULL)
            table->data = entry;
        table->data_count++;
        table->stored_bytes += stored_bytes[i];
        graph->by_dump_id[entry->dump_id] = number + 1;
    }
}

static bool is_table_id(const struct maker *maker, int dump_id)
{
    const struct toc_entry *entry = toc_find(maker->toc, dump_id);

    return entry != NULL && entry->type == ENTRY_TABLE;
}

static void part_add(struct maker *maker, int whole_id, int part_id)
{
    size_t whole = table_find_or_add(maker, whole_id);
    size_t part = table_find_or_add(maker, part_id);

    maker->graph->tables[part].whole = whole + 1;
    pairs_add(&maker->graph->parts, whole, part);
}

static bool has_same_name(const struct toc_entry *one, const struct toc_entry *other)
{
    return one->tag != NULL && other->tag != NULL && strcmp(one->tag, other->tag) == 0 &&
           one->schema != NULL && other->schema != NULL && strcmp(one->schema, other->schema) == 0;
}

/* A partition is attached by an entry that carries its name and depends on both tables. */
static void find_attached(struct maker *maker, const struct toc_entry *attach)
{
    int whole_id = 0, part_id = 0;

    for (size_t i = 0; i < attach->dependency_count; i++) {
        int id = attach->dependencies[i];
        if (!is_table_id(maker, id))
            continue;
        if (part_id == 0 && has_same_name(attach, toc_find(maker->toc, id)))
            part_id = id;
        else
            whole_id = id;
    }
    if (whole_id != 0 && part_id != 0)
        part_add(maker, whole_id, part_id);
}

/* Also a table with a column of another table's row type depends on that one. A partitioned table
 * has no heirs, so what depends on it is a partition, and says so, or is attached, or no part. */
static bool may_be_part(const struct toc_entry *table, const struct toc_entry *whole)
{
    return !is_partitioned(whole) ||
           (table->definition != NULL && (strstr(table->definition, " ATTACH PARTITION ") != NULL ||
                                          strstr(table->definition, " PARTITION OF ") != NULL));
}

/* Before version 14, and for inheritance ever since, the child's definition depends on its
 * parent's. */
static void find_parents(struct maker *maker, const struct toc_entry *child)
{
    for (size_t i = 0; i < child->dependency_count; i++) {
        int id = child->dependencies[i];
        if (is_table_id(maker, id) && may_be_part(child, toc_find(maker->toc, id)))
            part_add(maker, id, child->dump_id);
    }
}

/* A foreign key of a partitioned table looks at the rows of all partitions, of which the archive's
 * dependencies say nothing. */
static void find_parts(struct maker *maker)
{
    for (size_t i = 0; i < maker->toc->count; i++) {
        const struct toc_entry *entry = maker->toc->entries[i];
        if (entry->type == ENTRY_TABLE_ATTACH)
            find_attached(maker, entry);
        else if (entry->type == ENTRY_TABLE)
            find_parents(maker, entry);
    }
}

static void family_add(struct table_graph *graph, size_t table, struct numbers *family)
{
    if (graph->walk_by_table[table] == graph->walk)
        return;
    graph->walk_by_table[table] = graph->walk;
    numbers_add(family, table);
}

/* Whatever shape the archive gives that family: nobody is visited twice. */
void table_graph_find_family(struct table_graph *graph, size_t table, struct numbers *family)
{
    graph->walk++;
    family->count = 0;
    family_add(graph, table, family);
    for (size_t i = 0; i < family->count; i++) {
        const struct table_pair *part =
            table_pairs_get(&graph->parts, graph->parts.first_by_table[family->items[i]]);
        for (; part != NULL; part = table_pairs_get(&graph->parts, part->next))
            family_add(graph, part->second, family);
    }
}

void table_graph_find_line(struct table_graph *graph, size_t table, struct numbers *line)
{
    size_t next = table + 1;

    graph->walk++;
    line->count = 0;
    for (; next != NO_NUMBER && graph->walk_by_table[next - 1] != graph->walk;
         next = graph->tables[next - 1].whole)
        family_add(graph, next - 1, line);
}

uint64_t table_graph_family_bytes(struct table_graph *graph, size_t table)
{
    struct numbers family = {.count = 0};
    uint64_t bytes = 0;

    table_graph_find_family(graph, table, &family);
    for (size_t i = 0; i < family.count; i++)
        bytes += graph->tables[family.items[i]].stored_bytes;
    free(family.items);
    return bytes;
}

/* Tables of extensions hold configuration, and rows of one may refer to rows of another; only the
 * order of the archive tells which come first. */
static void chain_extension_tables(struct table_graph *graph)
{
    size_t earlier = NO_NUMBER;

    for (size_t table = 0; table < graph->count; table++) {
        if (graph->tables[table].definition != NULL)
            continue;
        if (earlier != NO_NUMBER)
            pairs_add(&graph->precedences, table, earlier - 1);
        earlier = table + 1;
    }
}

/* A key's tag is "table key". */
static bool is_table_of_key(const struct toc_entry *table, const struct toc_entry *key)
{
    if (table->type != ENTRY_TABLE || table->tag == NULL || table->schema == NULL ||
        key->tag == NULL || key->schema == NULL)
        return false;
    size_t length = strlen(table->tag);
    return strncmp(key->tag, table->tag, length) == 0 && key->tag[length] == ' ' &&
           strcmp(table->schema, key->schema) == 0;
}

static size_t last_of_family(struct maker *maker, size_t table)
{
    size_t last = 0;

    table_graph_find_family(maker->graph, table, &maker->family);
    for (size_t i = 0; i < maker->family.count; i++) {
        size_t member = maker->family.items[i];
        if (maker->graph->tables[member].data != NULL && member > last)
            last = member;
    }
    return last;
}

static void order_for_key(struct maker *maker, size_t referring, size_t referred)
{
    size_t last = last_of_family(maker, referred);

    table_graph_find_family(maker->graph, referring, &maker->family);
    for (size_t i = 0; i < maker->family.count; i++) {
        size_t member = maker->family.items[i];
        if (maker->graph->tables[member].data != NULL && member > last)
            pairs_add(&maker->graph->precedences, member, referred);
    }
}

/* A foreign key that is not restored now is there already, and looks at every row as it comes. The
 * rows it needs go first where the archive too has them first: hence no circles. */
static void order_for_existing_key(struct maker *maker, const struct toc_entry *key)
{
    size_t referring = NO_NUMBER;

    for (size_t i = 0; i < key->dependency_count; i++) {
        const struct toc_entry *table = toc_find(maker->toc, key->dependencies[i]);
        if (table != NULL && is_table_of_key(table, key))
            referring = table_graph_find(maker->graph, table->dump_id);
    }
    if (referring == NO_NUMBER)
        return;
    for (size_t i = 0; i < key->dependency_count; i++) {
        size_t referred = table_graph_find(maker->graph, key->dependencies[i]);
        if (referred != NO_NUMBER && referred != referring)
            order_for_key(maker, referring - 1, referred - 1);
    }
}

static void order_for_existing_keys(struct maker *maker)
{
    for (size_t i = 0; i < maker->selection->count; i++) {
        const struct selected_entry *selected = &maker->selection->entries[i];
        if (selected->entry->type == ENTRY_FK_CONSTRAINT && selected->wanted == 0)
            order_for_existing_key(maker, selected->entry);
    }
}

/* The tables were gathered in growing memory; from here on their place is fixed. */
static void settle_tables(struct table_graph *graph, struct arena *arena)
{
    struct plan_table *settled = arena_allocate(arena, graph->count + 1, sizeof settled[0]);

    if (graph->count > 0)
        memcpy(settled, graph->tables, graph->count * sizeof settled[0]);
    free(graph->tables);
    graph->tables = settled;
}

void table_graph_make(struct table_graph *graph, struct arena *arena, const struct toc *toc,
                      const struct selection *selection, const uint64_t *stored_bytes)
{
    struct maker maker = {.graph = graph, .toc = toc, .selection = selection};

    *graph = (struct table_graph){
        .largest_dump_id = toc->largest_dump_id,
        .by_dump_id = arena_allocate(arena, (size_t)toc->largest_dump_id + 1, sizeof(size_t)),
    };
    group_data(&maker, stored_bytes);
    find_parts(&maker);
    settle_tables(graph, arena);
    graph->walk_by_table = memory_allocate(graph->count + 1, sizeof(size_t));
    pairs_link(&graph->parts, graph->count);
    chain_extension_tables(graph);
    order_for_existing_keys(&maker);
    pairs_link(&graph->precedences, graph->count);
    free(maker.family.items);
}

void table_graph_clear(struct table_graph *graph)
{
    pairs_clear(&graph->parts);
    pairs_clear(&graph->precedences);
    free(graph->walk_by_table);
}
