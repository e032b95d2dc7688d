#include "engine/dump/early_reads.h"

#include "engine/archive/copy_statement.h"
#include "engine/base/memory.h"
#include "engine/dump/cuts.h"
#include "engine/dump/early_options.h"
#include "engine/dump/locks.h"

#include <stdlib.h>
#include <string.h>

struct early_reads {
    struct early_reads_options options;
    struct schema schema;       /* by oid, as are the next three */
    struct early_table *tables; /* one a relation */
    bool *is_claimed;
    uint32_t *oids;
    struct copy_task *tasks; /* of all pieces, largest first */
    size_t task_count;
};

static const struct schema no_schema = {.relations = NULL};

struct early_reads *early_reads_create(const struct early_reads_options *options)
{
    struct early_reads *early = memory_allocate(1, sizeof(*early));

    early->options = *options;
    return early;
}

void early_reads_free(struct early_reads *early)
{
    free(early);
}

/* ---- which ---- */

static bool is_certain(const struct early_reads *early)
{
    return early_options_are_certain(early->options.options) &&
           session_server_version(early->options.coordinator) >= SCHEMA_PLAIN_TABLES_SERVER;
}

static struct lock_list list_locks(struct early_reads *early)
{
    struct arena *arena = early->options.arena;
    const char **names = arena_allocate(arena, early->schema.count + 1, sizeof(*names));

    early->oids = arena_allocate(arena, early->schema.count + 1, sizeof(*early->oids));
    for (size_t i = 0; i < early->schema.count; i++) {
        early->oids[i] = early->schema.relations[i].oid;
        names[i] = early->schema.relations[i].name;
    }
    return (struct lock_list){early->oids, names, early->schema.count};
}

static bool lock(struct early_reads *early, bool *is_held, struct error *error)
{
    const struct lock_request request = {.coordinator = early->options.coordinator,
                                         .observer = early->options.observer};
    const struct lock_list list = list_locks(early);

    return locks_try(&request, early->options.arena, &list, is_held, error);
}

/* ---- how ---- */

static size_t count_pieces(const struct cut *cuts, size_t count)
{
    size_t pieces = 0;

    for (size_t i = 0; i < count; i++)
        pieces += cuts[i].pieces;
    return pieces;
}

static struct span span_of(const char *text)
{
    return (struct span){(const unsigned char *)text, strlen(text)};
}

static void add_tasks(struct early_reads *early, struct early_table *table)
{
    struct arena *arena = early->options.arena;
    const struct relation *relation = table->relation;

    table->files = arena_allocate(arena, table->cut.pieces, sizeof(*table->files));
    for (unsigned piece = 0; piece < table->cut.pieces; piece++) {
        struct copy_task *task = &early->tasks[early->task_count++];

        table->files[piece].name = arena_print(arena, "early_%u_%u.dat", relation->oid, piece + 1);
        *task = copy_task_for_table(arena, relation, span_of(relation->columns), &table->cut, piece,
                                    early->schema.block_bytes);
        task->early = &table->files[piece];
    }
}

static int compare_costs(const void *left, const void *right)
{
    const struct copy_task *a = left, *b = right;

    if (a->cost_bytes != b->cost_bytes)
        return a->cost_bytes < b->cost_bytes ? 1 : -1;
    return (a->relation->oid > b->relation->oid) - (a->relation->oid < b->relation->oid);
}

static bool plan(struct early_reads *early, struct error *error)
{
    struct arena *arena = early->options.arena;
    size_t count = early->schema.count;
    struct cut *cuts = arena_allocate(arena, count, sizeof(*cuts));

    if (!schema_measure(&early->schema, arena, early->options.coordinator, error) ||
        !formats_decide(&early->schema, arena, early->options.coordinator, early->options.format,
                        error) ||
        !cuts_decide(cuts, arena, early->options.coordinator, &early->schema,
                     early->options.options, error))
        return false;
    early->tables = arena_allocate(arena, count, sizeof(*early->tables));
    early->is_claimed = arena_allocate(arena, count, sizeof(*early->is_claimed));
    early->tasks = arena_allocate(arena, count_pieces(cuts, count), sizeof(*early->tasks));
    for (size_t i = 0; i < count; i++) {
        early->tables[i] =
            (struct early_table){.relation = &early->schema.relations[i], .cut = cuts[i]};
        add_tasks(early, &early->tables[i]);
    }
    qsort(early->tasks, early->task_count, sizeof(*early->tasks), compare_costs);
    return true;
}

static void guess_nothing(struct early_reads *early)
{
    early->schema = no_schema;
    early->task_count = 0;
}

bool early_reads_prepare(struct early_reads *early, struct error *error)
{
    bool is_held = false;

    if (!is_certain(early))
        return true;
    if (!schema_read_plain_tables(&early->schema, early->options.arena, early->options.coordinator,
                                  error))
        return false;
    if (early->schema.count > 0 && !lock(early, &is_held, error))
        return false;
    if (is_held && !plan(early, error))
        return false;
    /* Fewer are not worth a session for each worker. */
    if (early->task_count < early->options.flow->workers.count)
        guess_nothing(early);
    return true;
}

/* ---- the reading ---- */

bool early_reads_start(struct early_reads *early, const char *snapshot, struct error *error)
{
    /* The next attempt has another snapshot, while workers may still be at this one. */
    const struct wave_request wave = {.snapshot = arena_copy_text(early->options.arena, snapshot),
                                      .tasks = early->tasks,
                                      .count = early->task_count};

    if (early->task_count == 0)
        return true;
    if (!data_flow_start(early->options.started, early->options.flow, error))
        return false;
    data_flow_add(*early->options.started, &wave);
    return true;
}

/* ---- afterwards ---- */

static void withdraw_table(const struct early_table *table)
{
    for (unsigned piece = 0; piece < table->cut.pieces; piece++)
        atomic_store(&table->files[piece].is_withdrawn, true);
}

void early_reads_withdraw(struct early_reads *early)
{
    for (size_t i = 0; i < early->schema.count; i++)
        withdraw_table(&early->tables[i]);
    early->schema = no_schema;
}

const uint32_t *early_reads_oids(const struct early_reads *early, size_t *count)
{
    *count = early->schema.count;
    return early->oids;
}

const struct schema *early_reads_schema(const struct early_reads *early)
{
    return &early->schema;
}

static bool has_columns(const struct toc_entry *entry, const char *columns)
{
    struct copy_statement parts;
    struct error unused;

    return entry->copy_statement && copy_statement_parse(entry->copy_statement, &parts, &unused) &&
           !parts.is_binary && parts.columns.length == strlen(columns) &&
           memcmp(parts.columns.data, columns, parts.columns.length) == 0;
}

const struct early_table *early_reads_claim(struct early_reads *early,
                                            const struct toc_entry *entry)
{
    const struct relation *relation = schema_find(&early->schema, entry->oid);
    size_t index;

    if (!relation || entry->type != ENTRY_TABLE_DATA || !has_columns(entry, relation->columns))
        return NULL;
    index = (size_t)(relation - early->schema.relations);
    if (early->is_claimed[index])
        return NULL;
    early->is_claimed[index] = true;
    return &early->tables[index];
}

void early_reads_withdraw_unclaimed(struct early_reads *early)
{
    for (size_t i = 0; i < early->schema.count; i++)
        if (!early->is_claimed[i])
            withdraw_table(&early->tables[i]);
}
