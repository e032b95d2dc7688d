#include "engine/restore/plan.h"

#include "engine/archive/copy_statement.h"
#include "engine/archive/large_object_pages.h"
#include "engine/base/memory.h"
#include "engine/restore/cost.h"
#include "engine/restore/numbers.h"
#include "engine/restore/streams.h"
#include "engine/sql/statement.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What only the making of the plan knows about a table. All numbers + 1, 0 is none. */
struct table_notes {
    size_t last_data_node;
    size_t last_index_node; /* of what ANALYZE looks at: its indexes and extended statistics */
    size_t disable_node;    /* switches its triggers off */
    size_t analyze_node;
    size_t summed_for; /* the last node that its size went into the cost of */
};

struct builder {
    struct plan *plan;
    struct arena *arena;
    const struct toc *toc;
    const struct selection *selection;
    const uint64_t *stored_bytes;
    uint64_t rows_bytes; /* stored, of all tables to be loaded */
    const struct plan_options *options;
    bool *is_serial;         /* by place in the selection */
    size_t *node_by_dump_id; /* number + 1 */
    size_t *next_of_table;   /* by node: number + 1 of another of its kind and table */
    size_t entry_node_count;
    size_t first_analysis; /* the nodes from there on gather statistics */
    struct analyses analyses;
    size_t first_gate; /* the gate of table t is step first_gate + t */
    struct table_graph graph;
    struct table_notes *notes; /* by table */
    struct numbers family;
    struct numbers dependencies; /* of the node being made, as are its locks */
    struct schedule_lock *locks;
    size_t lock_count, lock_capacity;
};

static const unsigned *numbers_seal(const struct numbers *numbers, struct arena *arena)
{
    if (numbers->count == 0)
        return NULL;
    unsigned *copy = arena_allocate(arena, numbers->count, sizeof copy[0]);
    memcpy(copy, numbers->items, numbers->count * sizeof copy[0]);
    return copy;
}

static void lock_add(struct builder *builder, size_t number, enum lock_mode mode)
{
    if (builder->lock_count == builder->lock_capacity) {
        builder->lock_capacity = builder->lock_capacity ? 2 * builder->lock_capacity : 16;
        builder->locks =
            memory_resize(builder->locks, builder->lock_capacity, sizeof builder->locks[0]);
    }
    builder->locks[builder->lock_count++] =
        (struct schedule_lock){.number = (unsigned)number, .mode = mode};
}

static const struct schedule_lock *locks_seal(const struct builder *builder)
{
    if (builder->lock_count == 0)
        return NULL;
    struct schedule_lock *copy =
        arena_allocate(builder->arena, builder->lock_count, sizeof copy[0]);
    memcpy(copy, builder->locks, builder->lock_count * sizeof copy[0]);
    return copy;
}

static bool starts_with(const char *text, const char *start)
{
    return text != NULL && strncmp(text, start, strlen(start)) == 0;
}

static enum plan_pass pass_of(const struct toc_entry *entry)
{
    switch (entry->type) {
    case ENTRY_ACL:
        return starts_with(entry->tag, "SCHEMA ") || starts_with(entry->tag, "DATABASE ")
                   ? PLAN_PASS_SCHEMA_ACL
                   : PLAN_PASS_ACL;
    case ENTRY_ACL_LANGUAGE:
    case ENTRY_DEFAULT_ACL:
        return PLAN_PASS_ACL;
    case ENTRY_MATERIALIZED_VIEW_DATA:
        return PLAN_PASS_REFRESH;
    case ENTRY_STATISTICS_DATA:
        /* Statistics of a materialized view need its rows. */
        return entry->section == SECTION_POST_DATA ? PLAN_PASS_REFRESH : PLAN_PASS_MAIN;
    case ENTRY_EVENT_TRIGGER:
        return PLAN_PASS_EVENT_TRIGGERS;
    case ENTRY_COMMENT:
    case ENTRY_SECURITY_LABEL:
        return starts_with(entry->tag, "EVENT TRIGGER ") ? PLAN_PASS_EVENT_TRIGGERS
                                                         : PLAN_PASS_MAIN;
    default:
        return PLAN_PASS_MAIN;
    }
}

static enum plan_action action_of(const struct selected_entry *selected)
{
    const struct toc_entry *entry = selected->entry;

    if ((selected->wanted & WANT_DATA) && entry->has_data) {
        /* Nothing is stored for it, so there is nothing to bring back. */
        if (entry->type == ENTRY_BLOBS)
            return PLAN_LOAD_BLOBS;
        if (entry->file_name == NULL || entry->file_name[0] == '\0')
            return PLAN_PASS_BY;
        return large_object_pages_is_entry(entry) ? PLAN_LOAD_PAGES : PLAN_LOAD_TABLE;
    }
    if (selected->wanted & (WANT_SCHEMA | WANT_DATA | WANT_STATISTICS))
        return PLAN_DEFINE;
    return PLAN_PASS_BY;
}

/* Large objects of one entry are shared out to several sessions. How many there are is in a file
 * that is not read yet: its size, which an entry's stored bytes are a multiple of, tells nearly
 * enough. */
enum {
    BYTES_PER_LISTED_BLOB = 28,
    LISTED_BYTE_WEIGHT = 1024,
    BLOBS_PER_PART = 2000,
    MOST_PARTS = 64
};

static unsigned count_blob_parts(const struct builder *builder, size_t place)
{
    uint64_t listed = builder->stored_bytes[place] / LISTED_BYTE_WEIGHT / BYTES_PER_LISTED_BLOB;
    uint64_t parts = listed / BLOBS_PER_PART;

    if (parts < 2)
        return 1;
    return parts < MOST_PARTS ? (unsigned)parts : MOST_PARTS;
}

/* Only rows that have their table to themselves: where unique keys are there already, sessions that
 * commit together could wait for each other. */
static bool may_be_spread(const struct builder *builder, const struct toc_entry *entry)
{
    size_t table = table_graph_find(&builder->graph, entry->dump_id);
    struct copy_statement parts;
    struct error ignored;

    return table != NO_NUMBER && builder->graph.tables[table - 1].definition != NULL &&
           builder->graph.tables[table - 1].data_count == 1 && entry->copy_statement != NULL &&
           copy_statement_parse(entry->copy_statement, &parts, &ignored) && !parts.is_binary &&
           !copy_statement_is_via_root(entry, statement_qualified_name(builder->arena, entry));
}

static unsigned count_streams(const struct builder *builder, size_t place)
{
    unsigned streams = streams_choose(builder->stored_bytes[place], builder->rows_bytes,
                                      builder->options->sessions);

    return streams > 1 && may_be_spread(builder, builder->selection->entries[place].entry) ? streams
                                                                                           : 1;
}

/* How many sessions share the work of one entry. */
static unsigned count_parts(const struct builder *builder, size_t place)
{
    enum plan_action action = action_of(&builder->selection->entries[place]);

    if (builder->options->keeps_order)
        return 1;
    if (action == PLAN_LOAD_BLOBS)
        return count_blob_parts(builder, place);
    return action == PLAN_LOAD_TABLE ? count_streams(builder, place) : 1;
}

static uint64_t sum_rows_bytes(const struct builder *builder)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < builder->selection->count; i++)
        if (action_of(&builder->selection->entries[i]) == PLAN_LOAD_TABLE)
            sum += builder->stored_bytes[i];
    return sum;
}

static bool may_be_halved(const struct toc_entry *entry)
{
    return entry->type == ENTRY_CONSTRAINT || entry->type == ENTRY_FK_CONSTRAINT;
}

static size_t count_steps(const struct builder *builder)
{
    size_t count = 2 * builder->plan->table_count + builder->analyses.count + 1;

    for (size_t i = 0; i < builder->selection->count; i++)
        count += count_parts(builder, i) + may_be_halved(builder->selection->entries[i].entry);
    return count;
}

static bool is_special(const struct toc_entry *entry)
{
    return entry_type_facts(entry->type)->is_special;
}

static bool is_relation(const struct toc_entry *entry)
{
    return entry != NULL &&
           (entry->type == ENTRY_TABLE || entry->type == ENTRY_VIEW ||
            entry->type == ENTRY_MATERIALIZED_VIEW || entry->type == ENTRY_FOREIGN_TABLE);
}

/* Comments and labels among the definitions go with them, until something has been put off: from
 * there on what they belong to may not be there yet. */
static void list_serial(struct builder *builder)
{
    const struct selection *selection = builder->selection;
    struct plan *plan = builder->plan;
    bool has_put_off = false;

    plan->serial = arena_allocate(builder->arena, selection->count + 1, sizeof(struct toc_entry *));
    builder->is_serial = memory_allocate(selection->count + 1, sizeof(bool));
    for (size_t i = 0; i < selection->count; i++) {
        const struct selected_entry *selected = &selection->entries[i];
        const struct toc_entry *entry = selected->entry;

        if (is_special(entry))
            continue;
        if (action_of(selected) != PLAN_PASS_BY)
            plan->wanted_count++;
        if (entry->section == SECTION_DATA || entry->section == SECTION_POST_DATA)
            has_put_off = true;
        bool goes_first =
            entry->section == SECTION_PRE_DATA || (entry->section == SECTION_NONE && !has_put_off);
        if (!goes_first || pass_of(entry) != PLAN_PASS_MAIN)
            continue;
        builder->is_serial[i] = true;
        if (action_of(selected) != PLAN_PASS_BY)
            plan->serial[plan->serial_count++] = entry;
    }
}

static size_t table_of_id(const struct builder *builder, int dump_id)
{
    return table_graph_find(&builder->graph, dump_id);
}

/* Locks are numbered: first the tables, then everything else by its dump id. */
static size_t lock_of_id(const struct builder *builder, int dump_id)
{
    size_t table = table_of_id(builder, dump_id);

    return table != NO_NUMBER ? table - 1 : builder->graph.count + (size_t)dump_id;
}

/* pg_dump lets an index's definition go on with what it is to its table (CLUSTER ON, REPLICA
 * IDENTITY), which asks for more than the index does. */
static bool alters_table(const struct toc_entry *entry)
{
    return entry->definition != NULL && strstr(entry->definition, "\nALTER TABLE ") != NULL;
}

/* What the statements of an entry after the data lock of its table, or at least more. */
static enum lock_mode mode_of(const struct toc_entry *entry)
{
    switch (entry->type) {
    case ENTRY_INDEX:
        return alters_table(entry) ? LOCK_ACCESS_EXCLUSIVE : LOCK_SHARE;
    case ENTRY_FK_CONSTRAINT:
    case ENTRY_TRIGGER:
        return LOCK_SHARE_ROW_EXCLUSIVE;
    case ENTRY_STATISTICS:
    case ENTRY_STATISTICS_DATA:
    case ENTRY_PUBLICATION_TABLE:
        return LOCK_SHARE_UPDATE_EXCLUSIVE;
    default:
        return LOCK_ACCESS_EXCLUSIVE;
    }
}

static bool is_locked_whole(const struct toc_entry *entry)
{
    return entry->type == ENTRY_FK_CONSTRAINT || entry->type == ENTRY_TRIGGER;
}

static void lock_family(struct builder *builder, size_t table, enum lock_mode mode)
{
    table_graph_find_family(&builder->graph, table, &builder->family);
    for (size_t i = 0; i < builder->family.count; i++)
        lock_add(builder, builder->family.items[i], mode);
}

static void lock_dependency(struct builder *builder, const struct toc_entry *entry, int dump_id)
{
    size_t table = table_of_id(builder, dump_id);
    size_t lock = lock_of_id(builder, dump_id);
    enum plan_pass pass = pass_of(entry);

    if (pass == PLAN_PASS_SCHEMA_ACL || pass == PLAN_PASS_ACL) {
        /* Two grants on one object would update the same row of the catalog. */
        lock_add(builder, lock, LOCK_ACCESS_EXCLUSIVE);
        return;
    }
    if (table == NO_NUMBER && !is_relation(toc_find(builder->toc, dump_id)))
        return;
    if (table != NO_NUMBER && is_locked_whole(entry))
        lock_family(builder, table - 1, mode_of(entry));
    else if (entry->section == SECTION_POST_DATA || entry->type == ENTRY_STATISTICS_DATA)
        lock_add(builder, lock, mode_of(entry));
}

static bool is_known_id(const struct builder *builder, int dump_id)
{
    return dump_id > 0 && dump_id <= builder->toc->largest_dump_id;
}

/* A foreign key's other tables are only looked at while it is validated. */
static void lock_second_half(struct builder *builder, const struct plan_step *step)
{
    const struct toc_entry *entry = step->entry;

    assert(step->halved != NULL);
    if (entry->type == ENTRY_CONSTRAINT) {
        lock_add(builder, step->halved->table, LOCK_ACCESS_EXCLUSIVE);
        return;
    }
    lock_add(builder, step->halved->table, LOCK_SHARE_UPDATE_EXCLUSIVE);
    for (size_t i = 0; i < entry->dependency_count; i++) {
        size_t table = table_of_id(builder, entry->dependencies[i]);
        if (table != NO_NUMBER)
            lock_add(builder, table - 1, LOCK_ROW_SHARE);
    }
}

static void lock_first_half(struct builder *builder, const struct plan_step *step)
{
    const struct toc_entry *entry = step->entry;

    if (entry->type == ENTRY_CONSTRAINT) {
        lock_add(builder, step->halved->table, LOCK_SHARE);
        return;
    }
    for (size_t i = 0; i < entry->dependency_count; i++)
        if (is_known_id(builder, entry->dependencies[i]))
            lock_dependency(builder, entry, entry->dependencies[i]);
}

static bool waits_for_rows(const struct toc_entry *entry)
{
    return entry->section == SECTION_POST_DATA || entry->type == ENTRY_STATISTICS_DATA;
}

static void depend_on_node(struct builder *builder, int dump_id)
{
    if (toc_find(builder->toc, dump_id) == NULL || builder->node_by_dump_id[dump_id] == NO_NUMBER)
        return;
    size_t node = builder->node_by_dump_id[dump_id] - 1;
    for (unsigned part = 0; part < builder->plan->steps[node].parts; part++)
        numbers_add(&builder->dependencies, node + part);
}

static bool is_table(const struct builder *builder, int dump_id)
{
    const struct toc_entry *entry = toc_find(builder->toc, dump_id);

    return entry != NULL && entry->type == ENTRY_TABLE;
}

/* Of another table's data entry the whole table is meant; of the own ones only the one named, as in
 * an entry that closes a table. */
static void depend_as_data(struct builder *builder, size_t own_table, int dump_id)
{
    size_t table = table_of_id(builder, dump_id);
    bool is_rows = table != NO_NUMBER && !is_table(builder, dump_id);

    if (is_rows && table != own_table)
        numbers_add(&builder->dependencies, builder->first_gate + table - 1);
    else
        depend_on_node(builder, dump_id);
}

static void depend_as_definition(struct builder *builder, const struct toc_entry *entry,
                                 int dump_id)
{
    size_t table = table_of_id(builder, dump_id);

    if (table != NO_NUMBER && waits_for_rows(entry))
        numbers_add(&builder->dependencies, builder->first_gate + table - 1);
    else
        depend_on_node(builder, dump_id);
}

static void node_begin(struct builder *builder)
{
    builder->dependencies.count = 0;
    builder->lock_count = 0;
}

/* One session takes steps in their own order. */
static uint64_t weigh(const struct builder *builder, uint64_t cost_us)
{
    return builder->options->keeps_order && cost_us != SCHEDULE_AT_ONCE ? 0 : cost_us;
}

static void node_end(struct builder *builder, size_t node, uint64_t cost_us, enum plan_pass pass)
{
    builder->plan->steps[node].cost_us = cost_us == SCHEDULE_AT_ONCE ? 0 : cost_us;
    builder->plan->nodes[node] = (struct schedule_node){
        .dependencies = numbers_seal(&builder->dependencies, builder->arena),
        .dependency_count = builder->dependencies.count,
        .locks = locks_seal(builder),
        .lock_count = builder->lock_count,
        .cost = weigh(builder, cost_us),
        .pass = pass,
    };
}

static uint64_t count_rows_bytes(const struct builder *builder, uint64_t stored_bytes)
{
    return stored_bytes * (builder->options->expansion > 0 ? builder->options->expansion : 1);
}

/* Of the tables that the entry depends on, each once, however many data entries it has. */
static uint64_t sum_tables(struct builder *builder, size_t node, const struct toc_entry *entry)
{
    uint64_t stored_bytes = 0;

    for (size_t i = 0; i < entry->dependency_count; i++) {
        size_t table = table_of_id(builder, entry->dependencies[i]);
        if (table == NO_NUMBER || builder->notes[table - 1].summed_for == node + 1)
            continue;
        builder->notes[table - 1].summed_for = node + 1;
        stored_bytes += builder->plan->tables[table - 1].stored_bytes;
    }
    return stored_bytes;
}

static uint64_t cost_of_definition(const struct toc_entry *entry, uint64_t bytes)
{
    switch (entry->type) {
    case ENTRY_INDEX:
    case ENTRY_CONSTRAINT:
        return cost_of_index(bytes);
    case ENTRY_FK_CONSTRAINT:
        return cost_of_key(bytes);
    default:
        return COST_STATEMENT_US;
    }
}

static bool is_quick_half(const struct plan_step *step)
{
    if (step->halved == NULL)
        return false;
    bool is_second = step->action == PLAN_DEFINE_SECOND_HALF;
    return step->entry->type == ENTRY_FK_CONSTRAINT ? !is_second : is_second;
}

static uint64_t cost_of_step(const struct builder *builder, size_t node)
{
    const struct plan_step *step = &builder->plan->steps[node];
    uint64_t bytes = count_rows_bytes(builder, step->stored_bytes);

    switch (step->action) {
    case PLAN_PASS_BY:
    case PLAN_ENABLE_TRIGGERS:
        return SCHEDULE_AT_ONCE;
    case PLAN_LOAD_TABLE:
    case PLAN_LOAD_BLOBS:
    case PLAN_LOAD_PAGES:
        return cost_of_load(bytes);
    case PLAN_DISABLE_TRIGGERS:
        return COST_STATEMENT_US;
    case PLAN_ANALYZE:
        return cost_of_analyze(bytes);
    case PLAN_DEFINE:
    case PLAN_DEFINE_SECOND_HALF:
        break;
    }
    return is_quick_half(step) ? COST_STATEMENT_US : cost_of_definition(step->entry, bytes);
}

static void depend_on_gates(struct builder *builder, const struct table_pairs *pairs, size_t table)
{
    const struct table_pair *pair = table_pairs_get(pairs, pairs->first_by_table[table]);

    for (; pair != NULL; pair = table_pairs_get(pairs, pair->next))
        numbers_add(&builder->dependencies, builder->first_gate + pair->second);
}

static void make_data_node(struct builder *builder, size_t node, uint64_t stored_bytes)
{
    const struct plan_step *step = &builder->plan->steps[node];
    size_t table = table_of_id(builder, step->entry->dump_id);

    for (size_t i = 0; i < step->entry->dependency_count; i++)
        depend_as_data(builder, table, step->entry->dependencies[i]);
    if (table != NO_NUMBER) {
        const struct table_notes *notes = &builder->notes[table - 1];

        if (step->action == PLAN_LOAD_TABLE)
            lock_add(builder, table - 1, LOCK_ROW_EXCLUSIVE);
        if (notes->disable_node != NO_NUMBER)
            numbers_add(&builder->dependencies, notes->disable_node - 1);
        depend_on_gates(builder, &builder->graph.precedences, table - 1);
    }
    builder->plan->steps[node].stored_bytes = stored_bytes;
    node_end(builder, node, cost_of_step(builder, node), PLAN_PASS_MAIN);
}

static void make_definition_node(struct builder *builder, size_t node)
{
    const struct plan_step *step = &builder->plan->steps[node];
    const struct toc_entry *entry = step->entry;

    for (size_t i = 0; i < entry->dependency_count; i++) {
        int id = entry->dependencies[i];

        depend_as_definition(builder, entry, id);
        if (step->action == PLAN_DEFINE && step->halved == NULL && is_known_id(builder, id))
            lock_dependency(builder, entry, id);
    }
    builder->plan->steps[node].stored_bytes = sum_tables(builder, node, entry);
    if (step->halved != NULL)
        lock_first_half(builder, step);
    node_end(builder, node, cost_of_step(builder, node), pass_of(entry));
}

/* The first half has waited for all that the entry waits for. */
static void make_second_half_node(struct builder *builder, size_t node)
{
    const struct plan_step *step = &builder->plan->steps[node];

    builder->plan->steps[node].stored_bytes = builder->plan->steps[node - 1].stored_bytes;
    numbers_add(&builder->dependencies, node - 1);
    lock_second_half(builder, step);
    node_end(builder, node, cost_of_step(builder, node), pass_of(step->entry));
}

static void make_entry_node(struct builder *builder, size_t node, uint64_t stored_bytes)
{
    const struct plan_step *step = &builder->plan->steps[node];

    node_begin(builder);
    if (step->entry->has_data)
        make_data_node(builder, node, stored_bytes / step->parts);
    else if (step->action == PLAN_DEFINE_SECOND_HALF)
        make_second_half_node(builder, node);
    else
        make_definition_node(builder, node);
}

static void make_disable_node(struct builder *builder, size_t table)
{
    size_t node = builder->notes[table].disable_node - 1;

    node_begin(builder);
    lock_add(builder, table, LOCK_SHARE_ROW_EXCLUSIVE);
    node_end(builder, node, cost_of_step(builder, node), PLAN_PASS_MAIN);
}

/* All rows of a table are in when its gate has passed, and those of its partitions and heirs. */
static void make_gate_node(struct builder *builder, size_t table)
{
    const struct table_notes *notes = &builder->notes[table];
    size_t gate = builder->first_gate + table;
    enum plan_action action = builder->plan->steps[gate].action;

    node_begin(builder);
    for (size_t node = notes->last_data_node; node != NO_NUMBER;
         node = builder->next_of_table[node - 1])
        numbers_add(&builder->dependencies, node - 1);
    depend_on_gates(builder, &builder->graph.parts, table);
    if (action == PLAN_ENABLE_TRIGGERS)
        lock_add(builder, table, LOCK_SHARE_ROW_EXCLUSIVE);
    node_end(builder, gate, cost_of_step(builder, gate), PLAN_PASS_MAIN);
}

/* Indexes on expressions have statistics of their own, so they come first. What is a part of a
 * table is analyzed before it: where the server does both at once, the parts only pass. */
static void depend_for_analysis(struct builder *builder, size_t table)
{
    const struct table_pairs *parts = &builder->graph.parts;
    const struct table_pair *part = table_pairs_get(parts, parts->first_by_table[table]);

    numbers_add(&builder->dependencies, builder->first_gate + table);
    for (size_t node = builder->notes[table].last_index_node; node != NO_NUMBER;
         node = builder->next_of_table[node - 1])
        numbers_add(&builder->dependencies, node - 1);
    for (; part != NULL; part = table_pairs_get(parts, part->next)) {
        size_t node = builder->notes[part->second].analyze_node;
        if (node != NO_NUMBER)
            numbers_add(&builder->dependencies, node - 1);
    }
}

static void make_analysis_node(struct builder *builder, size_t node)
{
    const struct analysis *analysis = builder->plan->steps[node].analysis;
    bool is_of_views = analysis->relations[0].table == NO_NUMBER;
    uint64_t bytes = 0;

    node_begin(builder);
    for (size_t i = 0; i < analysis->count; i++) {
        const struct analyzed_relation *relation = &analysis->relations[i];

        if (relation->table == NO_NUMBER) {
            depend_on_node(builder, relation->entry->dump_id);
        } else {
            depend_for_analysis(builder, relation->table - 1);
            lock_add(builder, relation->table - 1, LOCK_SHARE_UPDATE_EXCLUSIVE);
            bytes += builder->plan->tables[relation->table - 1].stored_bytes;
        }
    }
    builder->plan->steps[node].stored_bytes = bytes;
    node_end(builder, node, cost_of_step(builder, node),
             is_of_views ? PLAN_PASS_REFRESH : PLAN_PASS_MAIN);
}

static void make_nodes(struct builder *builder)
{
    struct plan *plan = builder->plan;
    size_t node = 0;

    plan->nodes = arena_allocate(builder->arena, plan->step_count + 1, sizeof plan->nodes[0]);
    for (size_t i = 0; i < builder->selection->count; i++) {
        const struct toc_entry *entry = builder->selection->entries[i].entry;

        if (builder->is_serial[i] || is_special(entry))
            continue;
        size_t end = node + plan->steps[node].parts + (plan->steps[node].halved != NULL);
        for (; node < end; node++)
            make_entry_node(builder, node, builder->stored_bytes[i]);
    }
    for (size_t table = 0; table < plan->table_count; table++) {
        make_gate_node(builder, table);
        if (builder->notes[table].disable_node != NO_NUMBER)
            make_disable_node(builder, table);
    }
    for (node = builder->first_analysis; node < plan->step_count; node++)
        make_analysis_node(builder, node);
}

static void note_data_step(struct builder *builder, size_t node)
{
    struct plan_step *step = &builder->plan->steps[node];
    size_t table = table_of_id(builder, step->entry->dump_id);

    if (step->entry->type != ENTRY_TABLE_DATA || table == NO_NUMBER)
        return;
    struct table_notes *notes = &builder->notes[table - 1];
    step->table = &builder->plan->tables[table - 1];
    builder->next_of_table[node] = notes->last_data_node;
    notes->last_data_node = node + 1;
    if (step->action == PLAN_LOAD_TABLE && builder->options->disables_triggers)
        notes->disable_node = 1; /* its number follows when the entries have theirs */
}

static bool is_looked_at_by_analyze(const struct toc_entry *entry)
{
    return entry->type == ENTRY_INDEX || entry->type == ENTRY_CONSTRAINT ||
           entry->type == ENTRY_STATISTICS;
}

static void note_index_step(struct builder *builder, size_t node)
{
    const struct toc_entry *entry = builder->plan->steps[node].entry;

    if (!is_looked_at_by_analyze(entry))
        return;
    for (size_t i = 0; i < entry->dependency_count; i++) {
        size_t table = table_of_id(builder, entry->dependencies[i]);
        if (table == NO_NUMBER)
            continue;
        builder->next_of_table[node] = builder->notes[table - 1].last_index_node;
        builder->notes[table - 1].last_index_node = node + 1;
        return;
    }
}

/* One after the other; whoever waits for the entry waits for the second. */
static void make_halves(struct builder *builder, size_t node, const struct halved_entry *halved)
{
    struct plan_step *steps = builder->plan->steps;

    steps[node] = (struct plan_step){
        .action = PLAN_DEFINE, .entry = &halved->first, .parts = 1, .halved = halved};
    steps[node + 1] = (struct plan_step){
        .action = PLAN_DEFINE_SECOND_HALF, .entry = &halved->second, .parts = 1, .halved = halved};
    builder->node_by_dump_id[halved->first.dump_id] = node + 2;
    note_index_step(builder, node + 1);
}

static const struct halved_entry *halve(const struct builder *builder,
                                        const struct selected_entry *selected)
{
    return builder->options->keeps_order || action_of(selected) != PLAN_DEFINE
               ? NULL
               : halves_choose(builder->arena, &builder->graph, selected->entry);
}

static void make_entry_steps(struct builder *builder)
{
    struct plan *plan = builder->plan;
    size_t node = 0;

    for (size_t i = 0; i < builder->selection->count; i++) {
        const struct selected_entry *selected = &builder->selection->entries[i];

        if (builder->is_serial[i] || is_special(selected->entry))
            continue;
        const struct halved_entry *halved = halve(builder, selected);
        if (halved != NULL) {
            make_halves(builder, node, halved);
            node += 2;
            continue;
        }
        builder->node_by_dump_id[selected->entry->dump_id] = node + 1;
        unsigned parts = count_parts(builder, i);
        for (unsigned part = 0; part < parts; part++, node++) {
            plan->steps[node] = (struct plan_step){.action = action_of(selected),
                                                   .entry = selected->entry,
                                                   .part = part,
                                                   .parts = parts};
            note_data_step(builder, node);
            note_index_step(builder, node);
        }
    }
    builder->entry_node_count = node;
}

static void make_analysis_steps(struct builder *builder)
{
    struct plan *plan = builder->plan;

    builder->first_analysis = plan->step_count;
    for (size_t i = 0; i < builder->analyses.count; i++) {
        const struct analysis *analysis = &builder->analyses.items[i];

        plan->steps[plan->step_count++] = (struct plan_step){
            .action = PLAN_ANALYZE, .entry = analysis->relations[0].entry, .analysis = analysis};
        for (size_t r = 0; r < analysis->count; r++)
            if (analysis->relations[r].table != NO_NUMBER)
                builder->notes[analysis->relations[r].table - 1].analyze_node = plan->step_count;
    }
}

/* The steps are the entries, then a gate for each table, then the switching off of triggers, then
 * the gathering of statistics. */
static void make_steps(struct builder *builder)
{
    struct plan *plan = builder->plan;
    size_t most = count_steps(builder);

    plan->steps = arena_allocate(builder->arena, most, sizeof plan->steps[0]);
    builder->next_of_table = memory_allocate(most, sizeof(size_t));
    make_entry_steps(builder);
    builder->first_gate = builder->entry_node_count;
    plan->step_count = builder->first_gate + plan->table_count;
    for (size_t table = 0; table < plan->table_count; table++) {
        struct plan_step step = {.entry = plan->tables[table].data, .table = &plan->tables[table]};

        if (builder->notes[table].disable_node != NO_NUMBER) {
            step.action = PLAN_DISABLE_TRIGGERS;
            plan->steps[plan->step_count++] = step;
            builder->notes[table].disable_node = plan->step_count;
            step.action = PLAN_ENABLE_TRIGGERS;
        }
        plan->steps[builder->first_gate + table] = step;
    }
    make_analysis_steps(builder);
}

static void builder_clear(struct builder *builder)
{
    free(builder->is_serial);
    free(builder->node_by_dump_id);
    free(builder->next_of_table);
    table_graph_clear(&builder->graph);
    free(builder->family.items);
    free(builder->notes);
    free(builder->dependencies.items);
    free(builder->locks);
}

void plan_make(struct plan *plan, struct arena *arena, const struct toc *toc,
               const struct selection *selection, const uint64_t *stored_bytes,
               const struct plan_options *options)
{
    struct builder builder = {
        .plan = plan,
        .arena = arena,
        .toc = toc,
        .selection = selection,
        .stored_bytes = stored_bytes,
        .options = options,
        .node_by_dump_id = memory_allocate((size_t)toc->largest_dump_id + 1, sizeof(size_t)),
    };

    builder.rows_bytes = sum_rows_bytes(&builder);
    table_graph_make(&builder.graph, arena, toc, selection, stored_bytes);
    builder.notes = memory_allocate(builder.graph.count + 1, sizeof builder.notes[0]);
    *plan = (struct plan){
        .tables = builder.graph.tables,
        .table_count = builder.graph.count,
        .table_by_dump_id = builder.graph.by_dump_id,
    };
    if (options->gathers_statistics)
        analyses_choose(&builder.analyses, arena, toc, selection, &builder.graph);
    list_serial(&builder);
    make_steps(&builder);
    make_nodes(&builder);
    builder_clear(&builder);
}

static struct plan_table *table_of_definition(struct plan *plan, const struct toc_entry *entry)
{
    size_t number = plan->table_by_dump_id[entry->dump_id];

    return entry->type == ENTRY_TABLE && number != NO_NUMBER ? &plan->tables[number - 1] : NULL;
}

void plan_table_created(struct plan *plan, const struct toc_entry *entry)
{
    struct plan_table *table = table_of_definition(plan, entry);

    if (table != NULL)
        table->is_created = true;
}

void plan_table_failed(struct plan *plan, const struct toc_entry *entry)
{
    struct plan_table *table = table_of_definition(plan, entry);

    if (table != NULL)
        table->is_barred = true;
}

void plan_step_failed(const struct plan *plan, const struct plan_step *step)
{
    plan->steps[step - plan->steps].has_failed = true;
}

bool plan_step_is_work(const struct plan_step *step)
{
    if (step->action == PLAN_DEFINE_SECOND_HALF)
        return !step[-1].has_failed;
    return step->action != PLAN_PASS_BY && (step->table == NULL || !step->table->is_barred);
}
