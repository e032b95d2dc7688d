/* What a dump reads, in which order: the table of contents and the facts about its relations become
 * tasks, largest first, and a table of contents whose big tables are several entries. Pure;
 * everything lives in the plan's arena. */
#ifndef PGFAST_DUMP_PLAN_H
#define PGFAST_DUMP_PLAN_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/span.h"
#include "engine/dump/early_file.h"
#include "engine/schema/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum copy_task_kind { COPY_TABLE, COPY_BLOBS };

struct copy_task {
    enum copy_task_kind kind;
    const struct toc_entry *entry; /* of the table of contents that will be written; NULL: early */
    struct early_file *early;      /* stands in for the entry; NULL: there is one */
    uint64_t cost_bytes;           /* for the order and the progress display */
    /* tables: */
    const struct relation *relation;
    struct span columns; /* "(a, b)" */
    const char *copy_sql;
    bool is_binary;          /* what the copy_sql gives */
    const char *lock_name;   /* what the worker locks first; NULL: nothing (foreign tables) */
    bool reads_foreign_data; /* the session must allow foreign tables meanwhile */
    bool is_in_blocks;       /* it is these, and nothing else chooses among the rows: */
    uint32_t first_block;
    uint64_t end_block; /* above UINT32_MAX: to the last */
    /* large objects: */
    const uint32_t *oids;
    size_t oid_count;
    bool reads_pages; /* from the catalog, instead of by lo_get */
};

/* How one table is cut. pieces 1: not at all. */
struct cut {
    unsigned pieces;
    const struct split_key *key; /* NULL: by ctid */
};

/* A table that is being read, or has been, without an entry. */
struct early_table {
    const struct relation *relation;
    struct cut cut;
    struct early_file *files; /* one a piece */
};

struct dump_plan {
    const struct toc *toc;   /* sealed; the caller frees it after the plan */
    struct copy_task *tasks; /* largest first */
    size_t count;
    size_t early_count; /* files that are no task, because they were read early */
    uint64_t total_bytes;
    size_t table_count, piece_count, large_object_count;
};

struct dump_plan_request {
    const struct toc *toc; /* in the version that will be written */
    const struct schema *schema;
    /* One per toc entry, by its place; pieces 0 or 1 for all but big tables. */
    const struct cut *cuts;
    /* One per toc entry; not NULL: its rows are read already, cut as `cuts` says, and its files get
     * their entries. The whole array may be NULL. */
    const struct early_table *const *early;
    /* Of the one BLOBS entry, where the table of contents does not say them; NULL: it does. */
    const uint32_t *large_objects;
    size_t large_object_count;
    bool reads_pages; /* of large objects, where the session may */
};

/* The task that reads a piece of a table; what it is read for is the caller's to add. */
struct copy_task copy_task_for_table(struct arena *arena, const struct relation *relation,
                                     struct span columns, const struct cut *cut, unsigned piece,
                                     uint32_t block_bytes);

/* Where the rows go, without suffix. */
const char *copy_task_file_name(const struct copy_task *task);
bool copy_task_is_withdrawn(const struct copy_task *task);

/* ERROR_DAMAGED or ERROR_UNSUPPORTED when an entry cannot be understood: nothing of it may be left
 * out silently. */
bool dump_plan_make(struct dump_plan *plan, struct toc **planned_toc, struct arena *arena,
                    const struct dump_plan_request *request, struct error *error) MUST_CHECK;

#endif
