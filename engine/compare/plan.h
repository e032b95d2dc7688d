/* What has to be read, from the archive and from the database, to compare them: a list of tasks
 * that need nothing of each other. */
#ifndef PGFAST_COMPARE_PLAN_H
#define PGFAST_COMPARE_PLAN_H

#include "engine/archive/archive.h"
#include "engine/archive/blob_list.h"
#include "engine/compare/objects.h"
#include "engine/compare/sequences.h"
#include "engine/compare/subjects.h"

enum compare_work {
    WORK_ARCHIVED_ROWS,    /* of one data entry */
    WORK_LIVE_ROWS,        /* of a table or a piece of one */
    WORK_ARCHIVED_OBJECTS, /* large objects in files of their own */
    WORK_ARCHIVED_PAGES,   /* packed large objects, of one data entry */
    WORK_LIVE_OBJECTS,
    WORK_SEQUENCES
};

/* Made by the coordinator, then given to one thread, which fills in what it found. */
struct compare_task {
    enum compare_work work;
    uint64_t weight;                 /* bytes, about */
    struct subject *subject;         /* rows */
    enum row_form form;              /* rows */
    const struct toc_entry *entry;   /* archived rows and pages */
    const char *sql;                 /* live rows, sequences */
    bool reads_foreign_data;         /* live rows */
    const struct blob_file *files;   /* archived objects */
    struct compared_object *objects; /* live objects: `count` of these, as far as they are live */
    struct sequence *sequences;
    size_t count;

    struct row_digest digest; /* of rows */
    struct error error;       /* no kind: it went well */
};

/* All that is compared. */
struct comparison {
    const struct archive *archive;
    struct subjects subjects;
    struct sequences sequences;
    struct compared_objects objects;
    bool has_objects;              /* the archive holds the contents of large objects */
    bool knows_objects;            /* it also tells which there are, empty ones included */
    uint64_t live_objects_besides; /* has_objects is false: those that the database has */
    struct blob_file **lists;      /* of large objects; owned */
    size_t *list_counts;
    size_t list_count;
    struct compare_task **tasks; /* the heaviest first */
    size_t task_count, task_capacity;
};

/* `session` is in the transaction whose snapshot all tasks read on. What was made has to be cleared
 * in any case. */
bool comparison_plan(struct comparison *comparison, struct arena *arena,
                     const struct archive *archive, struct session *session,
                     const struct live *live, unsigned jobs, struct error *error) MUST_CHECK;
void comparison_clear(struct comparison *comparison);

#endif
