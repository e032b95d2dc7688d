#include "engine/compare/plan.h"

#include "engine/archive/blob_list_file.h"
#include "engine/archive/copy_statement.h"
#include "engine/base/memory.h"
#include "engine/schema/copy_sql.h"
#include "engine/schema/schema.h"
#include "engine/schema/split.h"

#include <stdlib.h>
#include <string.h>

enum {
    OBJECTS_A_TASK = 1000,
    SEQUENCES_A_TASK = 200,
    LIKELY_EXPANSION = 3, /* bytes of rows for each that is stored */
    LIKELY_OBJECT_BYTES = 4096
};

struct planner {
    struct comparison *comparison;
    struct arena *arena;
    struct session *session;
    struct schema schema;
    uint64_t piece_bytes;
};

static struct compare_task *add_task(struct planner *planner, enum compare_work work,
                                     uint64_t weight)
{
    struct comparison *comparison = planner->comparison;
    struct compare_task *task = arena_allocate(planner->arena, 1, sizeof *task);

    if (comparison->task_count == comparison->task_capacity) {
        comparison->task_capacity = comparison->task_capacity ? 2 * comparison->task_capacity : 64;
        comparison->tasks = memory_resize(comparison->tasks, comparison->task_capacity,
                                          sizeof(struct compare_task *));
    }
    comparison->tasks[comparison->task_count++] = task;
    task->work = work;
    task->weight = weight;
    return task;
}

/* Rows in the archive */

/* Subjects are made of statements that are understood. */
static enum row_form form_of(const struct toc_entry *entry)
{
    struct copy_statement parts;
    struct error unused;

    return copy_statement_parse(entry->copy_statement, &parts, &unused) && parts.is_binary
               ? ROW_FORM_BINARY
               : ROW_FORM_TEXT;
}

static void plan_entry(struct planner *planner, struct subject *subject,
                       const struct toc_entry *entry)
{
    const struct archive *archive = planner->comparison->archive;
    struct compare_task *task = add_task(
        planner, WORK_ARCHIVED_ROWS, archive_entry_stored_bytes(archive, entry) * LIKELY_EXPANSION);

    task->subject = subject;
    task->entry = entry;
    task->form = form_of(entry);
}

/* What the manifest tells, need not be read: the archive has been verified. */
static void plan_archived_rows(struct planner *planner, struct subject *subject)
{
    const struct archive *archive = planner->comparison->archive;

    for (size_t i = 0; i < subject->entry_count; i++) {
        const struct manifest_file *known = archive_entry_expectation(archive, subject->entries[i]);

        if (known != NULL && known->has_rows)
            row_digest_add(&subject->archived, &known->digest);
        else
            plan_entry(planner, subject, subject->entries[i]);
    }
}

/* Rows in the database */

static unsigned count_pieces(const struct planner *planner, const struct relation *relation)
{
    if (relation->kind != 'r' || relation->condition != NULL || !relation->is_heap ||
        session_server_version(planner->session) < TID_RANGE_SCAN_SERVER)
        return 1;
    return split_count_pieces(relation->heap_bytes + relation->toast_bytes, planner->piece_bytes,
                              relation->heap_bytes / planner->schema.block_bytes);
}

static void plan_relation(struct planner *planner, struct subject *subject,
                          const struct live_relation *live)
{
    const struct relation *found = schema_find(&planner->schema, live->oid);

    /* Dropped since the snapshot: the difference will show. */
    if (found == NULL)
        return;

    struct relation relation = *found;
    struct span columns = subject_columns_of(subject, live);
    unsigned pieces = count_pieces(planner, &relation);

    relation.is_binary = subject->form == ROW_FORM_BINARY;
    for (unsigned i = 0; i < pieces; i++) {
        struct compare_task *task = add_task(planner, WORK_LIVE_ROWS,
                                             (relation.heap_bytes + relation.toast_bytes) / pieces);

        task->subject = subject;
        task->form = subject->form;
        task->reads_foreign_data = relation.kind == 'f';
        task->sql =
            pieces == 1
                ? copy_sql_whole(planner->arena, &relation, columns)
                : copy_sql_by_ctid(planner->arena, &relation, columns,
                                   relation.heap_bytes / planner->schema.block_bytes, pieces, i);
    }
}

static bool is_read(const struct subject *subject)
{
    return subject->difference == NULL && subject->error.kind == ERROR_NONE;
}

static size_t count_relations(const struct subjects *subjects)
{
    size_t count = 0;

    for (size_t i = 0; i < subjects->count; i++)
        count += subjects->items[i].relation_count;
    return count;
}

static bool read_schema(struct planner *planner, struct error *error)
{
    const struct subjects *subjects = &planner->comparison->subjects;
    uint32_t *oids = arena_allocate(planner->arena, count_relations(subjects) + 1, sizeof oids[0]);
    size_t count = 0;

    for (size_t i = 0; i < subjects->count; i++)
        for (size_t k = 0; is_read(&subjects->items[i]) && k < subjects->items[i].relation_count;
             k++)
            oids[count++] = subjects->items[i].relations[k]->oid;
    return schema_read(&planner->schema, planner->arena, planner->session, oids, count, error);
}

static void choose_piece_bytes(struct planner *planner, unsigned jobs)
{
    uint64_t total = 0;

    for (size_t i = 0; i < planner->schema.count; i++)
        total += planner->schema.relations[i].heap_bytes + planner->schema.relations[i].toast_bytes;
    planner->piece_bytes = split_choose_bytes(total, jobs);
}

static void plan_rows(struct planner *planner)
{
    struct subjects *subjects = &planner->comparison->subjects;

    for (size_t i = 0; i < subjects->count; i++) {
        struct subject *subject = &subjects->items[i];

        if (!is_read(subject))
            continue;
        plan_archived_rows(planner, subject);
        for (size_t k = 0; k < subject->relation_count; k++)
            plan_relation(planner, subject, subject->relations[k]);
    }
}

/* Large objects */

struct oid_list {
    uint32_t *oids;
    size_t count, capacity;
};

static void add_oid(struct oid_list *list, uint32_t oid)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 256;
        list->oids = memory_resize(list->oids, list->capacity, sizeof list->oids[0]);
    }
    list->oids[list->count++] = oid;
}

static bool add_group(struct oid_list *list, const struct toc_entry *entry, struct error *error)
{
    uint32_t *oids;
    size_t count;

    if (!blob_list_parse_oids(entry->definition, &oids, &count, error))
        return false;
    for (size_t i = 0; i < count; i++)
        add_oid(list, oids[i]);
    free(oids);
    return true;
}

static bool add_listed(struct planner *planner, struct oid_list *list,
                       const struct toc_entry *entry, struct error *error)
{
    struct comparison *comparison = planner->comparison;
    const char *name = archive_blob_list_name(comparison->archive, entry);
    size_t at = comparison->list_count;

    if (!blob_list_read(comparison->archive, name, &comparison->lists[at],
                        &comparison->list_counts[at], error))
        return false;
    comparison->list_count++;
    for (size_t i = 0; i < comparison->list_counts[at]; i++)
        add_oid(list, comparison->lists[at][i].oid);
    return true;
}

static void plan_pages(struct planner *planner, const struct toc_entry *entry)
{
    uint64_t stored_bytes = archive_entry_stored_bytes(planner->comparison->archive, entry);

    add_task(planner, WORK_ARCHIVED_PAGES, stored_bytes * LIKELY_EXPANSION)->entry = entry;
}

static bool add_archived(struct planner *planner, struct oid_list *list,
                         const struct toc_entry *entry, struct error *error)
{
    struct comparison *comparison = planner->comparison;

    if (entry->type == ENTRY_BLOB)
        add_oid(list, entry->oid);
    if (entry->type == ENTRY_BLOB_METADATA && !add_group(list, entry, error))
        return false;
    if (entry->type == ENTRY_BLOB || entry->type == ENTRY_BLOB_METADATA)
        comparison->knows_objects = true;
    if (entry->type == ENTRY_BLOBS && entry->has_data) {
        comparison->has_objects = comparison->knows_objects = true;
        return add_listed(planner, list, entry, error);
    }
    if (large_object_pages_is_entry(entry)) {
        comparison->has_objects = true;
        plan_pages(planner, entry);
    }
    return true;
}

static bool read_archived(struct planner *planner, struct oid_list *list, struct error *error)
{
    struct comparison *comparison = planner->comparison;
    const struct toc *toc = comparison->archive->toc;
    size_t lists = 0;

    for (size_t i = 0; i < toc->count; i++)
        lists += toc->entries[i]->type == ENTRY_BLOBS;
    comparison->lists = memory_allocate(lists + 1, sizeof(struct blob_file *));
    comparison->list_counts = memory_allocate(lists + 1, sizeof(size_t));
    for (size_t i = 0; i < toc->count; i++)
        if (!add_archived(planner, list, toc->entries[i], error))
            return false;
    return true;
}

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

static void plan_listed(struct planner *planner)
{
    const struct comparison *comparison = planner->comparison;

    for (size_t i = 0; i < comparison->list_count; i++) {
        for (size_t first = 0; first < comparison->list_counts[i]; first += OBJECTS_A_TASK) {
            size_t count = least(comparison->list_counts[i] - first, OBJECTS_A_TASK);
            struct compare_task *task =
                add_task(planner, WORK_ARCHIVED_OBJECTS, count * LIKELY_OBJECT_BYTES);

            task->files = comparison->lists[i] + first;
            task->count = count;
        }
    }
}

static void plan_live_objects(struct planner *planner)
{
    const struct compared_objects *objects = &planner->comparison->objects;

    for (size_t first = 0; first < objects->count; first += OBJECTS_A_TASK) {
        size_t count = least(objects->count - first, OBJECTS_A_TASK);
        struct compare_task *task =
            add_task(planner, WORK_LIVE_OBJECTS, count * LIKELY_OBJECT_BYTES);

        task->objects = objects->items + first;
        task->count = count;
    }
}

static bool plan_objects(struct planner *planner, struct error *error)
{
    struct comparison *comparison = planner->comparison;
    struct oid_list archived = {.oids = NULL};
    const uint32_t *live;
    size_t live_count;

    bool is_read =
        read_archived(planner, &archived, error) &&
        schema_read_large_objects(&live, &live_count, planner->arena, planner->session, error);
    if (is_read && comparison->has_objects) {
        compared_objects_make(&comparison->objects, archived.oids, archived.count, live,
                              live_count);
        plan_listed(planner);
        plan_live_objects(planner);
    } else if (is_read) {
        comparison->live_objects_besides = live_count;
    }
    free(archived.oids);
    return is_read;
}

/* Sequences */

static void plan_sequences(struct planner *planner)
{
    struct sequences *sequences = &planner->comparison->sequences;

    for (size_t first = 0; first < sequences->count; first += SEQUENCES_A_TASK) {
        size_t count = least(sequences->count - first, SEQUENCES_A_TASK);
        const char *sql = sequences_query(planner->arena, sequences->items + first, count);

        if (sql == NULL)
            continue;
        struct compare_task *task = add_task(planner, WORK_SEQUENCES, 0);

        task->sql = sql;
        task->sequences = sequences->items + first;
        task->count = count;
    }
}

/* All of it */

static int compare_weights(const void *one, const void *other)
{
    const struct compare_task *left = *(const struct compare_task *const *)one;
    const struct compare_task *right = *(const struct compare_task *const *)other;

    return (left->weight < right->weight) - (left->weight > right->weight);
}

bool comparison_plan(struct comparison *comparison, struct arena *arena,
                     const struct archive *archive, struct session *session,
                     const struct live *live, unsigned jobs, struct error *error)
{
    struct planner planner = {.comparison = comparison, .arena = arena, .session = session};

    *comparison = (struct comparison){.archive = archive};
    if (!subjects_make(&comparison->subjects, arena, archive->toc, live, error) ||
        !sequences_make(&comparison->sequences, arena, archive->toc, live, error) ||
        !read_schema(&planner, error))
        return false;
    choose_piece_bytes(&planner, jobs);
    plan_rows(&planner);
    plan_sequences(&planner);
    if (!plan_objects(&planner, error))
        return false;
    if (comparison->task_count > 0)
        qsort(comparison->tasks, comparison->task_count, sizeof(struct compare_task *),
              compare_weights);
    return true;
}

void comparison_clear(struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->list_count; i++)
        free(comparison->lists[i]);
    free(comparison->lists);
    free(comparison->list_counts);
    free(comparison->tasks);
    compared_objects_clear(&comparison->objects);
}
