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
};

/* The task's rows, up to the end marker that every COPY file carries. */
bool copy_table(const struct copy_place *place, const struct copy_task *task,
                struct error *error) MUST_CHECK;

/* The same for a COPY of the task that the session is in already. Where it fails, what the file has
 * got is ended all the same: whoever fails must see to it that nothing makes an archive of it. */
bool copy_table_receive(const struct copy_place *place, const struct copy_task *task,
                        struct error *error) MUST_CHECK;

/* Each object of the task becomes a file of its own, named after its oid. */
bool copy_blobs(const struct copy_place *place, const struct copy_task *task,
                struct error *error) MUST_CHECK;

/* "blob_4711.dat" */
void copy_blob_file_name(char *buffer, size_t room_bytes, uint32_t oid);

#endif
