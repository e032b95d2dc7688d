#include "engine/dump/copy_blob_values.h"

#include "engine/dump/copy_blob.h"

#include <inttypes.h>
#include <stdio.h>

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

bool copy_blob_values(const struct copy_place *place, const uint32_t *oids, size_t count,
                      size_t *done, struct error *error)
{
    static const char query[] = "SELECT pg_catalog.lo_get(o.oid, 0, $2::pg_catalog.int4) "
                                "FROM pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY AS o "
                                "(oid, place) ORDER BY o.place";
    struct rows *rows;

    if (!copy_blob_ask(place, query, oids, count, COPY_BLOBS_FIRST_BYTES, &rows, error))
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
