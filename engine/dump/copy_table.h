/* Reads tables and large objects of one session into the flow. */
#ifndef PGFAST_DUMP_COPY_TABLE_H
#define PGFAST_DUMP_COPY_TABLE_H

#include "engine/base/arena.h"
#include "engine/dump/pipeline.h"
#include "engine/dump/plan.h"
#include "engine/server/session.h"

/* Where one session works. */
struct copy_place {
    struct session *session;
    struct pipeline *pipeline;
    unsigned lane;       /* of the pipeline */
    struct arena *arena; /* outlives the pipeline */
    /* What the names of files begin with, where an earlier attempt may have left some of the same
     * name; sealing takes it away. NULL: nothing. */
    const char *prefix;
};

/* A file that will be called `name`, without suffix; lent until it is sealed. */
void copy_place_begin(const struct copy_place *place, struct stream *stream, const char *name);

/* Whatever kind of task it is. *done: of a task of large objects, how many are read to their end,
 * also where it fails. */
bool copy_task_run(const struct copy_place *place, const struct copy_task *task,
                   struct watch *watch, size_t *done, struct error *error) MUST_CHECK;
void copy_task_announce(const struct copy_task *task, struct watch *watch);

/* The task's rows, up to the end marker that every COPY file carries. */
bool copy_table(const struct copy_place *place, const struct copy_task *task,
                struct error *error) MUST_CHECK;

/* The same for a COPY of the task that the session is in already. Where it fails, what the file has
 * got is ended all the same: whoever fails must see to it that nothing makes an archive of it. */
bool copy_table_receive(const struct copy_place *place, const struct copy_task *task,
                        struct error *error) MUST_CHECK;

/* Each object of the task becomes a file of its own, named after its oid. */
bool copy_blobs(const struct copy_place *place, const struct copy_task *task, size_t *done,
                struct error *error) MUST_CHECK;

/* What is left of such a task after the first `done` objects. */
const struct copy_task *copy_task_rest(struct arena *arena, const struct copy_task *task,
                                       size_t done);

/* "blob_4711.dat" */
void copy_blob_file_name(char *buffer, size_t room_bytes, uint32_t oid);

#endif
