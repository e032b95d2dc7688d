#include "engine/dump/copy_blobs.h"

#include "engine/dump/copy_blob.h"
#include "engine/dump/copy_blob_pages.h"
#include "engine/dump/copy_blob_values.h"

bool copy_blobs(const struct copy_place *place, const struct copy_task *task, size_t *done,
                struct error *error)
{
    bool (*copy)(const struct copy_place *, const uint32_t *, size_t, size_t *, struct error *) =
        task->reads_pages ? copy_blob_pages : copy_blob_values;

    for (*done = 0; *done < task->oid_count;) {
        size_t left = task->oid_count - *done;

        if (!copy(place, task->oids + *done, left < COPY_BLOBS_A_QUERY ? left : COPY_BLOBS_A_QUERY,
                  done, error))
            return false;
    }
    return true;
}
