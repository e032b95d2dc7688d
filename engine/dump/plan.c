#include "engine/dump/plan.h"

#include "engine/archive/blob_list.h"
#include "engine/archive/copy_statement.h"
#include "engine/archive/large_object_pages.h"
#include "engine/dump/toc_chunks.h"
#include "engine/schema/copy_sql.h"
#include "engine/schema/split.h"

#include <stdlib.h>
#include <string.h>

enum { BLOBS_A_TASK = 500, GUESSED_BLOB_BYTES = 2048 };

struct planner {
    struct arena *arena;
    const struct dump_plan_request *request;
    const struct toc *toc; /* chunked */
    struct copy_task *tasks;
    size_t count, room;
    struct dump_plan *plan;
};

static struct copy_task *add_task(struct planner *planner)
{
    if (planner->count == planner->room) {
        size_t room = planner->room ? planner->room * 2 : 256;
        struct copy_task *larger = arena_allocate(planner->arena, room, sizeof(*larger));

        if (planner->count > 0)
            memcpy(larger, planner->tasks, planner->count * sizeof(*larger));
        planner->tasks = larger;
        planner->room = room;
    }
    return &planner->tasks[planner->count++];
}

/* ---- how many large objects there are ---- */

static bool count_group(const struct toc_entry *group, size_t *total, struct error *error)
{
    uint32_t *oids = NULL;
    size_t count;

    if (!blob_list_parse_oids(group->definition, &oids, &count, error))
        return false;
    free(oids);
    *total += count;
    return true;
}

static bool count_objects(const struct toc *toc, size_t *total, struct error *error)
{
    for (size_t i = 0; i < toc->count; i++) {
        const struct toc_entry *entry = toc->entries[i];

        *total += entry->type == ENTRY_BLOB;
        if (entry->type == ENTRY_BLOB_METADATA && !count_group(entry, total, error))
            return false;
    }
    return true;
}

/* ---- tables ---- */

static const char *piece_sql(struct arena *arena, const struct relation *relation,
                             struct span columns, const struct cut *cut, unsigned piece,
                             uint32_t block_bytes)
{
    if (cut->pieces < 2)
        return copy_sql_whole(arena, relation, columns);
    if (cut->key)
        return copy_sql_by_key(arena, relation, columns, cut->key, piece);
    return copy_sql_by_ctid(arena, relation, columns, relation->heap_bytes / block_bytes,
                            cut->pieces, piece);
}

/* As copy_sql_by_ctid cuts them. */
static void tell_blocks(struct copy_task *task, const struct cut *cut, unsigned piece,
                        uint32_t block_bytes)
{
    uint64_t blocks = task->relation->heap_bytes / block_bytes;
    bool is_last = piece + 1 >= cut->pieces;

    task->is_in_blocks = task->relation->is_heap && !task->relation->condition && !cut->key;
    task->first_block = piece == 0 ? 0 : split_first_block(blocks, cut->pieces, piece);
    task->end_block = is_last ? UINT64_MAX : split_first_block(blocks, cut->pieces, piece + 1);
}

struct copy_task copy_task_for_table(struct arena *arena, const struct relation *relation,
                                     struct span columns, const struct cut *cut, unsigned piece,
                                     uint32_t block_bytes)
{
    unsigned pieces = cut->pieces ? cut->pieces : 1;

    struct copy_task task = {
        .kind = COPY_TABLE,
        .cost_bytes = (relation->heap_bytes + relation->toast_bytes) / pieces,
        .relation = relation,
        .is_binary = relation->is_binary,
        .columns = columns,
        .copy_sql = piece_sql(arena, relation, columns, cut, piece, block_bytes),
        .lock_name = relation->kind == 'r' ? relation->name : NULL,
        .reads_foreign_data = relation->kind == 'f',
    };

    tell_blocks(&task, cut, piece, block_bytes);
    return task;
}

const char *copy_task_file_name(const struct copy_task *task)
{
    if (!task->early)
        return task->entry->file_name;

    const struct toc_entry *entry = atomic_load(&task->early->entry);

    return entry ? entry->file_name : task->early->name;
}

bool copy_task_is_withdrawn(const struct copy_task *task)
{
    return task->early && atomic_load(&task->early->is_withdrawn);
}

static void count_piece(struct dump_plan *plan, unsigned piece)
{
    plan->piece_count++;
    if (piece == 0)
        plan->table_count++;
}

/* The table of contents says in which format the rows are. */
static bool write_format(struct toc *toc, struct toc_entry *entry, const struct schema *schema,
                         struct error *error)
{
    const struct relation *relation = schema_find(schema, entry->oid);
    struct copy_statement parts;

    if (entry->type != ENTRY_TABLE_DATA || !relation || !relation->is_binary ||
        !entry->copy_statement)
        return true;
    if (!copy_statement_parse(entry->copy_statement, &parts, error)) {
        error_prefix(error, "table %s", relation->name);
        return false;
    }
    entry->copy_statement = copy_statement_binary(toc->arena, &parts);
    return true;
}

static bool write_formats(struct toc *toc, const struct schema *schema, struct error *error)
{
    for (size_t i = 0; i < toc->count; i++)
        if (!write_format(toc, toc->entries[i], schema, error))
            return false;
    return true;
}

static bool plan_table(struct planner *planner, const struct toc_entry *entry,
                       const struct cut *cut, unsigned piece, struct error *error)
{
    const struct relation *relation = schema_find(planner->request->schema, entry->oid);
    struct copy_statement parts;

    if (!relation)
        return error_set(error, ERROR_SERVER, "table %s.%s is not there any more", entry->schema,
                         entry->tag);
    if (!entry->copy_statement)
        return error_set(error, ERROR_UNSUPPORTED, "pg_dump gave no COPY statement for table %s",
                         relation->name);
    if (!copy_statement_parse(entry->copy_statement, &parts, error)) {
        error_prefix(error, "table %s", relation->name);
        return false;
    }

    struct copy_task *task = add_task(planner);

    *task = copy_task_for_table(planner->arena, relation, parts.columns, cut, piece,
                                planner->request->schema->block_bytes);
    task->entry = entry;
    if (large_object_pages_is_entry(entry)) {
        task->lock_name = NULL; /* nobody can drop it, or empty it */
        /* For the report only: what their pages are is found by the server. */
        return piece > 0 || count_objects(planner->toc, &planner->plan->large_object_count, error);
    }
    count_piece(planner->plan, piece);
    return true;
}

static void plan_early(struct planner *planner, const struct toc_entry *entry,
                       const struct early_table *table, unsigned piece)
{
    const struct relation *relation = table->relation;

    atomic_store(&table->files[piece].entry, entry);
    planner->plan->early_count++;
    planner->plan->total_bytes +=
        (relation->heap_bytes + relation->toast_bytes) / table->cut.pieces;
    count_piece(planner->plan, piece);
}

/* ---- large objects ---- */

/* Adds those of a group to as many, which lie where there is room for them. */
static bool add_group(const struct toc_entry *group, uint32_t *oids, size_t *count,
                      struct error *error)
{
    uint32_t *parsed = NULL;
    size_t parsed_count;

    if (!blob_list_parse_oids(group->definition, &parsed, &parsed_count, error))
        return false;
    memcpy(oids + *count, parsed, parsed_count * sizeof(*oids));
    *count += parsed_count;
    free(parsed);
    return true;
}

/* From 1.16 on, a BLOBS entry's first dependency lists its objects. */
static bool read_group(struct planner *planner, const struct toc_entry *entry,
                       const uint32_t **oids, size_t *count, struct error *error)
{
    const struct toc_entry *metadata =
        entry->dependency_count > 0 ? toc_find(planner->toc, entry->dependencies[0]) : NULL;
    size_t room = 0;

    if (!metadata || metadata->type != ENTRY_BLOB_METADATA)
        return error_set(error, ERROR_UNSUPPORTED, "BLOBS entry %d names no BLOB METADATA",
                         entry->dump_id);
    if (!count_group(metadata, &room, error))
        return false;

    uint32_t *kept = arena_allocate(planner->arena, room, sizeof(*kept));

    *oids = kept;
    return add_group(metadata, kept, count, error);
}

/* Before, there is one BLOBS entry, for all that there are. */
static bool collect_blobs(struct planner *planner, const uint32_t **oids, size_t *count,
                          struct error *error)
{
    const struct toc *toc = planner->toc;
    size_t room = 0;

    if (!count_objects(toc, &room, error))
        return false;

    uint32_t *kept = arena_allocate(planner->arena, room, sizeof(*kept));

    *oids = kept;
    for (size_t i = 0; i < toc->count; i++) {
        const struct toc_entry *entry = toc->entries[i];

        if (entry->type == ENTRY_BLOB)
            kept[(*count)++] = entry->oid;
        else if (entry->type == ENTRY_BLOB_METADATA && !add_group(entry, kept, count, error))
            return false;
    }
    return true;
}

static bool oids_of(struct planner *planner, const struct toc_entry *entry, const uint32_t **oids,
                    size_t *count, struct error *error)
{
    if (planner->toc->header.version_minor >= TOC_VERSION_GROUPED_BLOBS)
        return read_group(planner, entry, oids, count, error);
    if (!planner->request->large_objects)
        return collect_blobs(planner, oids, count, error);
    *oids = planner->request->large_objects;
    *count = planner->request->large_object_count;
    return true;
}

static bool plan_blobs(struct planner *planner, const struct toc_entry *entry, struct error *error)
{
    const uint32_t *oids = NULL;
    size_t count = 0;

    if (!oids_of(planner, entry, &oids, &count, error))
        return false;
    for (size_t first = 0; first < count; first += BLOBS_A_TASK) {
        struct copy_task *task = add_task(planner);

        task->kind = COPY_BLOBS;
        task->entry = entry;
        task->oids = oids + first;
        task->oid_count = count - first < BLOBS_A_TASK ? count - first : BLOBS_A_TASK;
        task->reads_pages = planner->request->reads_pages;
        task->cost_bytes = task->oid_count * GUESSED_BLOB_BYTES;
    }
    planner->plan->large_object_count += count;
    return true;
}

/* ---- all ---- */

static bool plan_entry(struct planner *planner, const struct toc_entry *entry, size_t source_index,
                       unsigned piece, struct error *error)
{
    const struct dump_plan_request *request = planner->request;

    if (request->early && request->early[source_index]) {
        plan_early(planner, entry, request->early[source_index], piece);
        return true;
    }
    if (entry->type == ENTRY_TABLE_DATA)
        return plan_table(planner, entry, &request->cuts[source_index], piece, error);
    if (entry->type == ENTRY_BLOBS)
        return plan_blobs(planner, entry, error);
    if (entry->has_data)
        return error_set(error, ERROR_UNSUPPORTED,
                         "entry %d of type \"%s\" has data of an unknown kind", entry->dump_id,
                         entry->desc);
    return true;
}

static int compare_costs(const void *left, const void *right)
{
    const struct copy_task *a = left, *b = right;

    if (a->cost_bytes != b->cost_bytes)
        return a->cost_bytes < b->cost_bytes ? 1 : -1;
    return (a->entry->dump_id > b->entry->dump_id) - (a->entry->dump_id < b->entry->dump_id);
}

static bool plan_all(struct planner *planner, const unsigned *pieces, struct error *error)
{
    const struct toc *source = planner->request->toc;
    size_t at = 0;

    for (size_t i = 0; i < source->count; i++)
        for (unsigned piece = 0; piece < pieces[i]; piece++)
            if (!plan_entry(planner, planner->toc->entries[at++], i, piece, error))
                return false;
    return true;
}

bool dump_plan_make(struct dump_plan *plan, struct toc **planned_toc, struct arena *arena,
                    const struct dump_plan_request *request, struct error *error)
{
    struct planner planner = {.arena = arena, .request = request, .plan = plan};
    unsigned *pieces = arena_allocate(arena, request->toc->count + 1, sizeof(*pieces));

    *plan = (struct dump_plan){0};
    for (size_t i = 0; i < request->toc->count; i++)
        pieces[i] = request->cuts[i].pieces ? request->cuts[i].pieces : 1;
    if (!toc_chunks_make(planned_toc, request->toc, pieces, error))
        return false;
    planner.toc = *planned_toc;
    if (!write_formats(*planned_toc, request->schema, error) ||
        !plan_all(&planner, pieces, error)) {
        toc_free(*planned_toc);
        *planned_toc = NULL;
        return false;
    }
    if (planner.count > 0)
        qsort(planner.tasks, planner.count, sizeof(*planner.tasks), compare_costs);
    plan->toc = planner.toc;
    plan->tasks = planner.tasks;
    plan->count = planner.count;
    for (size_t i = 0; i < plan->count; i++)
        plan->total_bytes += plan->tasks[i].cost_bytes;
    return true;
}
