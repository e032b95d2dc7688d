/* Large objects by SQL: many small ones in one answer, a large one slice by slice. libpq's lo_*
 * functions would cost several round trips an object, and trust the server's lengths
 * (CVE-2026-6477). */
#include "engine/dump/copy_blobs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LIST_ROOM = COPY_BLOBS_A_QUERY * 11 + 3 };

void copy_blob_file_name(char *buffer, size_t room_bytes, uint32_t oid)
{
    snprintf(buffer, room_bytes, "blob_%u.dat", oid);
}

/* "{16411,16412}" */
static void print_list(char list[LIST_ROOM], const uint32_t *oids, size_t count)
{
    size_t length = 0;

    for (size_t i = 0; i < count; i++)
        length += (size_t)snprintf(list + length, LIST_ROOM - length, "%c%" PRIu32,
                                   i == 0 ? '{' : ',', oids[i]);
    snprintf(list + length, LIST_ROOM - length, "}");
}

bool copy_blobs_ask(const struct copy_place *place, const char *query, const uint32_t *oids,
                    size_t count, int limit, struct rows **rows, struct error *error)
{
    char list[LIST_ROOM], limit_text[16];
    const char *parameters[] = {list, limit_text};

    print_list(list, oids, count);
    snprintf(limit_text, sizeof(limit_text), "%d", limit);
    if (session_query_binary(place->session, query, 2, parameters, rows, error))
        return true;
    error_prefix(error, "large objects %" PRIu32 " to %" PRIu32, oids[0], oids[count - 1]);
    return false;
}

void copy_blob_begin(const struct copy_place *place, struct stream *stream, uint32_t oid)
{
    char name[32];

    copy_blob_file_name(name, sizeof(name), oid);
    copy_place_begin(place, stream, place->prefix ? arena_copy_text(place->arena, name) : name);
}

bool copy_blob_end(struct stream *stream, uint32_t oid, bool is_copied, struct error *error)
{
    if (is_copied && stream_end(stream, error))
        return true;
    stream_abandon(stream);
    if (error->kind != ERROR_CANCELLED)
        error_prefix(error, "large object %" PRIu32, oid);
    return false;
}

/* Whatever follows the first `done` bytes. */
static bool copy_slices(const struct copy_place *place, struct stream *stream, uint32_t oid,
                        uint64_t done, struct error *error)
{
    static const char query[] =
        "SELECT pg_catalog.lo_get($1::pg_catalog.oid, $2::pg_catalog.int8, $3::pg_catalog.int4)";
    size_t got = COPY_BLOBS_SLICE_BYTES;

    while (got == COPY_BLOBS_SLICE_BYTES) {
        char oid_text[16], offset_text[24], length_text[16];
        const char *parameters[] = {oid_text, offset_text, length_text};
        struct rows *rows = NULL;

        snprintf(oid_text, sizeof(oid_text), "%u", oid);
        snprintf(offset_text, sizeof(offset_text), "%llu", (unsigned long long)done);
        snprintf(length_text, sizeof(length_text), "%d", COPY_BLOBS_SLICE_BYTES);
        if (!session_query_binary(place->session, query, 3, parameters, &rows, error))
            return false;

        const void *bytes = rows_bytes(rows, 0, 0, &got);
        bool is_written = stream_write(stream, bytes, got, error);

        rows_free(rows);
        if (!is_written)
            return false;
        done += got;
    }
    return true;
}

static bool copy_object(const struct copy_place *place, uint32_t oid, const void *bytes,
                        size_t length, struct error *error)
{
    struct stream stream;

    copy_blob_begin(place, &stream, oid);

    bool is_copied =
        stream_write(&stream, bytes, length, error) &&
        (length < COPY_BLOBS_FIRST_BYTES || copy_slices(place, &stream, oid, length, error));

    return copy_blob_end(&stream, oid, is_copied, error);
}

static bool copy_some(const struct copy_place *place, const uint32_t *oids, size_t count,
                      size_t *done, struct error *error)
{
    static const char query[] = "SELECT pg_catalog.lo_get(o.oid, 0, $2::pg_catalog.int4) "
                                "FROM pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY AS o "
                                "(oid, place) ORDER BY o.place";
    struct rows *rows;

    if (!copy_blobs_ask(place, query, oids, count, COPY_BLOBS_FIRST_BYTES, &rows, error))
        return false;

    bool is_copied =
        (size_t)rows_count(rows) == count ||
        error_set(error, ERROR_SERVER, "got %d of %zu large objects", rows_count(rows), count);

    for (size_t i = 0; is_copied && i < count; i++) {
        size_t length;
        const void *bytes = rows_bytes(rows, (int)i, 0, &length);

        is_copied = copy_object(place, oids[i], bytes, length, error);
        *done += is_copied;
    }
    rows_free(rows);
    return is_copied;
}

bool copy_blobs(const struct copy_place *place, const struct copy_task *task, size_t *done,
                struct error *error)
{
    bool (*copy)(const struct copy_place *, const uint32_t *, size_t, size_t *, struct error *) =
        task->reads_pages ? copy_blob_pages : copy_some;

    for (*done = 0; *done < task->oid_count;) {
        size_t left = task->oid_count - *done;

        if (!copy(place, task->oids + *done, left < COPY_BLOBS_A_QUERY ? left : COPY_BLOBS_A_QUERY,
                  done, error))
            return false;
    }
    return true;
}

const struct copy_task *copy_task_rest(struct arena *arena, const struct copy_task *task,
                                       size_t done)
{
    struct copy_task *rest = arena_allocate(arena, 1, sizeof(*rest));

    *rest = *task;
    rest->oids += done;
    rest->oid_count -= done;
    return rest;
}
