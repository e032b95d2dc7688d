#include "engine/dump/copy_blob_pages.h"

#include "engine/archive/large_object_pages.h"
#include "engine/dump/copy_blob.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    FIRST_PAGES = COPY_BLOBS_FIRST_BYTES / LARGE_OBJECT_PAGE_BYTES,
    MORE_PAGES = COPY_BLOBS_SLICE_BYTES / LARGE_OBJECT_PAGE_BYTES
};

/* An object that is being written. */
struct object {
    struct stream stream;
    uint32_t oid;
    uint64_t length;
    int last_page; /* -1: none yet */
};

static int number_of(const struct rows *rows, int row, int column)
{
    size_t length;
    const unsigned char *bytes = rows_bytes(rows, row, column, &length);
    uint64_t number = 0;

    for (size_t i = 0; i < length; i++)
        number = number << 8 | bytes[i];
    return (int)number;
}

static bool write_zeros(struct object *object, uint64_t end, struct error *error)
{
    static const char zeros[LARGE_OBJECT_PAGE_BYTES];

    while (object->length < end) {
        uint64_t left = end - object->length;
        size_t piece = left < sizeof(zeros) ? (size_t)left : sizeof(zeros);

        if (!stream_write(&object->stream, zeros, piece, error))
            return false;
        object->length += piece;
    }
    return true;
}

/* What no page holds reads as zeros. */
static bool write_page(struct object *object, const struct rows *rows, int row, int column,
                       struct error *error)
{
    size_t length;
    int page = number_of(rows, row, column);
    const void *bytes = rows_bytes(rows, row, column + 1, &length);

    if (page <= object->last_page || length > LARGE_OBJECT_PAGE_BYTES)
        return error_set(error, ERROR_SERVER, "page %d is not where it belongs", page);
    object->last_page = page;
    if (!write_zeros(object, (uint64_t)page * LARGE_OBJECT_PAGE_BYTES, error) ||
        !stream_write(&object->stream, bytes, length, error))
        return false;
    object->length += length;
    return true;
}

static bool write_pages(struct object *object, const struct rows *rows, int first, int count,
                        int column, struct error *error)
{
    for (int row = first; row < first + count; row++)
        if (!write_page(object, rows, row, column, error))
            return false;
    return true;
}

static bool copy_rest(const struct copy_place *place, struct object *object, struct error *error)
{
    static const char query[] =
        "SELECT l.pageno, l.data FROM pg_catalog.pg_largeobject AS l "
        "WHERE l.loid = $1::pg_catalog.oid AND l.pageno > $2::pg_catalog.int4 "
        "ORDER BY l.pageno LIMIT $3::pg_catalog.int8";
    int got = MORE_PAGES;

    while (got == MORE_PAGES) {
        char oid[16], page[16], limit[16];
        const char *parameters[] = {oid, page, limit};
        struct rows *rows = NULL;

        snprintf(oid, sizeof(oid), "%" PRIu32, object->oid);
        snprintf(page, sizeof(page), "%d", object->last_page);
        snprintf(limit, sizeof(limit), "%d", MORE_PAGES);
        if (!session_query_binary(place->session, query, 3, parameters, &rows, error))
            return false;
        got = rows_count(rows);

        bool is_written = write_pages(object, rows, 0, got, 0, error);

        rows_free(rows);
        if (!is_written)
            return false;
    }
    return true;
}

/* An object without pages has one row, without a page. */
static bool copy_object(const struct copy_place *place, uint32_t oid, const struct rows *rows,
                        int first, int count, struct error *error)
{
    struct object object = {.oid = oid, .last_page = -1};

    copy_blob_begin(place, &object.stream, oid);

    bool is_copied =
        rows_is_null(rows, first, 1) || (write_pages(&object, rows, first, count, 1, error) &&
                                         (count < FIRST_PAGES || copy_rest(place, &object, error)));

    return copy_blob_end(&object.stream, oid, is_copied, error);
}

static int count_rows_of(const struct rows *rows, int first, size_t place)
{
    int count = 0;

    while (first + count < rows_count(rows) && number_of(rows, first + count, 0) == (int)place)
        count++;
    return count;
}

static bool copy_objects(const struct copy_place *place, const uint32_t *oids, size_t count,
                         const struct rows *rows, size_t *done, struct error *error)
{
    int row = 0;

    for (size_t i = 0; i < count; i++) {
        int pages = count_rows_of(rows, row, i + 1);

        if (pages == 0)
            return error_set(error, ERROR_SERVER, "large object %" PRIu32 " is not there any more",
                             oids[i]);
        if (!copy_object(place, oids[i], rows, row, pages, error))
            return false;
        row += pages;
        (*done)++;
    }
    return true;
}

bool copy_blob_pages(const struct copy_place *place, const uint32_t *oids, size_t count,
                     size_t *done, struct error *error)
{
    static const char query[] =
        "SELECT o.place::pg_catalog.int4, p.pageno, p.data "
        "FROM pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY AS o (oid, place) "
        "JOIN pg_catalog.pg_largeobject_metadata AS m ON m.oid = o.oid "
        "LEFT JOIN LATERAL (SELECT l.pageno, l.data FROM pg_catalog.pg_largeobject AS l "
        "WHERE l.loid = m.oid ORDER BY l.pageno LIMIT $2::pg_catalog.int8) AS p ON true "
        "ORDER BY o.place, p.pageno";
    struct rows *rows;

    if (!copy_blob_ask(place, query, oids, count, FIRST_PAGES, &rows, error))
        return false;

    bool is_copied = copy_objects(place, oids, count, rows, done, error);

    rows_free(rows);
    return is_copied;
}
