#include "engine/restore/plan_locks.h"

#include "engine/base/memory.h"
#include "engine/restore/plan_entry.h"

#include <assert.h>
#include <string.h>

void plan_locks_add(struct plan_builder *builder, size_t number, enum lock_mode mode)
{
    if (builder->lock_count == builder->lock_capacity) {
        builder->lock_capacity = builder->lock_capacity ? 2 * builder->lock_capacity : 16;
        builder->locks =
            memory_resize(builder->locks, builder->lock_capacity, sizeof builder->locks[0]);
    }
    builder->locks[builder->lock_count++] =
        (struct schedule_lock){.number = (unsigned)number, .mode = mode};
}

const struct schedule_lock *plan_locks_seal(const struct plan_builder *builder)
{
    if (builder->lock_count == 0)
        return NULL;
    struct schedule_lock *copy =
        arena_allocate(builder->arena, builder->lock_count, sizeof copy[0]);
    memcpy(copy, builder->locks, builder->lock_count * sizeof copy[0]);
    return copy;
}

static bool is_relation(const struct toc_entry *entry)
{
    return entry != NULL &&
           (entry->type == ENTRY_TABLE || entry->type == ENTRY_VIEW ||
            entry->type == ENTRY_MATERIALIZED_VIEW || entry->type == ENTRY_FOREIGN_TABLE);
}

/* Locks are numbered: first the tables, then everything else by its dump id. */
static size_t lock_of_id(const struct plan_builder *builder, int dump_id)
{
    size_t table = plan_builder_table(builder, dump_id);

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

static void lock_family(struct plan_builder *builder, size_t table, enum lock_mode mode)
{
    table_graph_find_family(&builder->graph, table, &builder->family);
    for (size_t i = 0; i < builder->family.count; i++)
        plan_locks_add(builder, builder->family.items[i], mode);
}

/* The server calls a parent index valid when the last of its parts is attached and valid, and then
 * looks at the parent of that one, up to the top. Of two transactions that complete two lines of
 * descent of it, neither sees the other's work, and the index at the top would stay invalid for
 * ever. So whatever is attached has one lock, the number of no object; each takes but an instant.
 */
static void lock_attachments(struct plan_builder *builder)
{
    size_t lock = lock_of_id(builder, 0);

    if (builder->lock_count == 0 || builder->locks[builder->lock_count - 1].number != lock)
        plan_locks_add(builder, lock, LOCK_ACCESS_EXCLUSIVE);
}

/* Behind the part's index, which whoever looks at the part's rows waits for, it takes the tables
 * further up for itself, up to the top. */
static void lock_line(struct plan_builder *builder, size_t table)
{
    table_graph_find_line(&builder->graph, table, &builder->family);
    for (size_t i = 0; i < builder->family.count; i++)
        plan_locks_add(builder, builder->family.items[i], LOCK_ACCESS_EXCLUSIVE);
}

void plan_locks_add_dependency(struct plan_builder *builder, const struct toc_entry *entry,
                               int dump_id)
{
    size_t table = plan_builder_table(builder, dump_id);
    size_t lock = lock_of_id(builder, dump_id);
    enum plan_pass pass = plan_entry_pass(entry);

    if (pass == PLAN_PASS_SCHEMA_ACL || pass == PLAN_PASS_ACL) {
        /* Two grants on one object would update the same row of the catalog. */
        plan_locks_add(builder, lock, LOCK_ACCESS_EXCLUSIVE);
        return;
    }
    if (entry->type == ENTRY_INDEX_ATTACH) {
        lock_attachments(builder);
        if (table != NO_NUMBER)
            lock_line(builder, table - 1);
        return;
    }
    if (table == NO_NUMBER && !is_relation(toc_find(builder->toc, dump_id)))
        return;
    if (table != NO_NUMBER && is_locked_whole(entry))
        lock_family(builder, table - 1, mode_of(entry));
    else if (entry->section == SECTION_POST_DATA || entry->type == ENTRY_STATISTICS_DATA)
        plan_locks_add(builder, lock, mode_of(entry));
}

/* A foreign key's other tables are only looked at while it is validated. */
void plan_locks_add_second_half(struct plan_builder *builder, const struct plan_step *step)
{
    const struct toc_entry *entry = step->entry;

    assert(step->halved != NULL);
    if (entry->type == ENTRY_CONSTRAINT) {
        plan_locks_add(builder, step->halved->table, LOCK_ACCESS_EXCLUSIVE);
        return;
    }
    lock_family(builder, step->halved->table, LOCK_SHARE_UPDATE_EXCLUSIVE);
    for (size_t i = 0; i < entry->dependency_count; i++) {
        size_t table = plan_builder_table(builder, entry->dependencies[i]);
        if (table != NO_NUMBER)
            lock_family(builder, table - 1, LOCK_ROW_SHARE);
    }
}

void plan_locks_add_first_half(struct plan_builder *builder, const struct plan_step *step)
{
    const struct toc_entry *entry = step->entry;

    if (entry->type == ENTRY_CONSTRAINT) {
        plan_locks_add(builder, step->halved->table, LOCK_SHARE);
        return;
    }
    for (size_t i = 0; i < entry->dependency_count; i++)
        if (plan_builder_knows(builder, entry->dependencies[i]))
            plan_locks_add_dependency(builder, entry, entry->dependencies[i]);
}
