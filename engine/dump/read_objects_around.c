#include "engine/dump/read_objects_around.h"

#include "engine/dump/copy_blob.h"
#include "engine/dump/copy_blobs.h"

static bool write_empty(const struct copy_place *place, uint32_t oid, struct error *error)
{
    struct copy_place other = *place; /* where there is no file of the failed attempt */
    struct stream stream;

    other.prefix = arena_print(place->arena, "lost_%s", place->prefix ? place->prefix : "");
    copy_blob_begin(&other, &stream, oid);
    return stream_end(&stream, error);
}

static bool read_object(const struct copy_place *place, const struct copy_task *task,
                        struct losses *losses, struct error *error)
{
    size_t done;
    struct error failure;

    if (!session_execute(place->session, "SAVEPOINT pgfast_part", error))
        return false;
    if (copy_blobs(place, task, &done, error)) {
        (void)!session_execute(place->session, "RELEASE SAVEPOINT pgfast_part", &failure);
        return true;
    }
    if (!session_is_usable(place->session) || !losses_may_explain(task, error))
        return false;
    if (!session_execute(place->session, "ROLLBACK TO SAVEPOINT pgfast_part", &failure)) {
        *error = failure;
        return false;
    }
    losses_add(losses, arena_print(losses->arena, "large object %u", task->oids[0]), "all of it",
               error);
    return write_empty(place, task->oids[0], error);
}

bool read_objects_around(const struct copy_place *place, const struct copy_task *task,
                         struct losses *losses, size_t *done, struct error *error)
{
    /* A scan of all of them would meet the pages of others. */
    if (!session_execute(place->session, "SET LOCAL enable_seqscan = off", error))
        return false;
    for (; *done < task->oid_count; (*done)++) {
        struct copy_task one = *task;

        one.oids += *done;
        one.oid_count = 1;
        if (!read_object(place, &one, losses, error))
            return false;
    }
    return session_execute(place->session, "SET LOCAL enable_seqscan TO DEFAULT", error);
}
