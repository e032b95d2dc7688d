#include "engine/compare/read_objects.h"

#include "engine/archive/copy_statement.h"
#include "engine/archive/data_reader.h"
#include "engine/archive/object_reader.h"
#include "engine/archive/page_rows.h"
#include "engine/schema/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The first slice of each object of a query comes in one answer, which bounds the memory that libpq
 * takes. All slices are whole pages. */
enum { OBJECTS_A_QUERY = 100, FIRST_SLICE_BYTES = 64 << 10, SLICE_BYTES = 4 << 20 };

static bool go_on(const struct place *place, struct error *error)
{
    return !cancel_is_set(place->settings->watch->cancel) ||
           error_set(error, ERROR_CANCELLED, "comparing was cancelled");
}

static void count_bytes(const struct place *place, size_t length)
{
    counter_add(&place->settings->watch->counters.raw_bytes_done, length);
}

static struct object_digest *archived_digest(const struct place *place, uint32_t oid,
                                             struct error *error)
{
    struct compared_object *object = compared_objects_find(place->settings->objects, oid);

    if (object != NULL)
        return &object->archived;
    error_set(error, ERROR_DAMAGED,
              "the archive holds data of large object %" PRIu32 ", which nothing else tells of",
              oid);
    return NULL;
}

/* A file for each */

/* To the brim, or to the end: so that all but the last piece are whole pages. */
static bool fill(struct place *place, struct data_reader *reader, size_t *filled,
                 struct error *error)
{
    size_t length;

    *filled = 0;
    do {
        if (!go_on(place, error) || !data_reader_read(reader, place->buffer + *filled,
                                                      PLACE_BUFFER_BYTES - *filled, &length, error))
            return false;
        *filled += length;
    } while (length > 0 && *filled < PLACE_BUFFER_BYTES);
    return true;
}

static bool digest_pieces(struct place *place, struct data_reader *reader,
                          struct object_digest *digest, struct error *error)
{
    uint64_t offset = 0;
    size_t filled;

    do {
        if (!fill(place, reader, &filled, error))
            return false;
        object_digest_add(digest, offset, (struct span){place->buffer, filled});
        offset += filled;
        count_bytes(place, filled);
    } while (filled == PLACE_BUFFER_BYTES);
    return true;
}

static bool digest_large_file(struct place *place, const char *name, struct object_digest *digest,
                              struct error *error)
{
    struct data_reader *reader;

    if (!data_reader_open(&reader, place->settings->archive, name, error))
        return false;
    bool is_done = digest_pieces(place, reader, digest, error);
    data_reader_close(reader);
    return is_done;
}

static bool digest_file(struct place *place, struct object_reader *reader,
                        const struct blob_file *file, struct error *error)
{
    struct object_digest *digest = archived_digest(place, file->oid, error);
    struct object_content content;
    char room[BLOB_FILE_NAME_BYTES];
    const char *name = blob_file_name(file, room);

    if (digest == NULL || !go_on(place, error) ||
        !object_reader_read(reader, name, &content, error))
        return false;
    if (!content.is_whole)
        return digest_large_file(place, name, digest, error);
    object_digest_add(digest, 0, content.bytes);
    count_bytes(place, content.bytes.length);
    return true;
}

bool read_archived_objects(struct place *place, const struct compare_task *task,
                           struct error *error)
{
    struct object_reader *reader = object_reader_create(place->settings->archive);
    bool is_done = true;

    for (size_t i = 0; is_done && i < task->count; i++)
        is_done = digest_file(place, reader, &task->files[i], error);
    object_reader_free(reader);
    return is_done;
}

/* Packed */

static bool digest_page(struct place *place, const struct page_rows *rows,
                        const struct page_row *row, struct error *error)
{
    unsigned char page[LARGE_OBJECT_PAGE_BYTES];
    struct span bytes = {.data = page};
    struct object_digest *digest = archived_digest(place, row->oid, error);

    if (digest == NULL || !page_row_decode(rows, row, page, &bytes.length, error))
        return false;
    object_digest_add(digest, (uint64_t)row->page * LARGE_OBJECT_PAGE_BYTES, bytes);
    return true;
}

/* What is complete in the buffer; the rest moves to its front. */
static bool digest_pages(struct place *place, struct page_rows *rows, size_t *held,
                         struct error *error)
{
    struct span left = {place->buffer, *held};
    struct page_row row;
    bool is_there;

    do {
        if (!page_rows_next(rows, &left, &row, &is_there, error) ||
            (is_there && !digest_page(place, rows, &row, error)))
            return false;
    } while (is_there);
    memmove(place->buffer, left.data, left.length);
    *held = left.length;
    return true;
}

static bool read_pages(struct place *place, struct data_reader *reader, struct page_rows *rows,
                       struct error *error)
{
    size_t held = 0, length;

    do {
        if (!go_on(place, error) || !data_reader_read(reader, place->buffer + held,
                                                      PLACE_BUFFER_BYTES - held, &length, error))
            return false;
        held += length;
        count_bytes(place, length);
        if (!digest_pages(place, rows, &held, error))
            return false;
    } while (length > 0);
    return page_rows_finish(rows, (struct span){place->buffer, held}, error);
}

bool read_archived_pages(struct place *place, const struct compare_task *task, struct error *error)
{
    struct copy_statement parts;
    struct data_reader *reader;

    if (!copy_statement_parse(task->entry->copy_statement, &parts, error) ||
        !data_reader_open(&reader, place->settings->archive, task->entry->file_name, error))
        return false;

    struct page_rows rows = {.is_binary = parts.is_binary};
    bool is_done = read_pages(place, reader, &rows, error);

    data_reader_close(reader);
    return is_done;
}

/* In the database. libpq's lo_* functions would cost several round trips an object, and trust the
 * server's lengths (CVE-2026-6477). */

static bool digest_slices(struct place *place, struct compared_object *object, struct error *error)
{
    static const char query[] =
        "SELECT pg_catalog.lo_get($1::pg_catalog.oid, $2::pg_catalog.int8, $3::pg_catalog.int4)";
    uint64_t offset = FIRST_SLICE_BYTES;
    size_t length;

    do {
        char oid_text[16], offset_text[24], length_text[16];
        const char *parameters[] = {oid_text, offset_text, length_text};
        struct rows *rows = NULL;

        snprintf(oid_text, sizeof oid_text, "%" PRIu32, object->oid);
        snprintf(offset_text, sizeof offset_text, "%" PRIu64, offset);
        snprintf(length_text, sizeof length_text, "%d", SLICE_BYTES);
        if (!session_query_binary(place->session, query, 3, parameters, &rows, error))
            return false;

        const void *bytes = rows_bytes(rows, 0, 0, &length);

        object_digest_add(&object->live, offset, (struct span){bytes, length});
        rows_free(rows);
        offset += length;
        count_bytes(place, length);
    } while (length == SLICE_BYTES);
    return true;
}

static bool digest_answer(struct place *place, struct compared_object *const *objects, size_t count,
                          const struct rows *rows, struct error *error)
{
    if ((size_t)rows_count(rows) != count)
        return error_set(error, ERROR_SERVER, "got %d of %zu large objects", rows_count(rows),
                         count);
    for (size_t i = 0; i < count; i++) {
        size_t length;
        const void *bytes = rows_bytes(rows, (int)i, 0, &length);

        object_digest_add(&objects[i]->live, 0, (struct span){bytes, length});
        count_bytes(place, length);
        if (length == FIRST_SLICE_BYTES && !digest_slices(place, objects[i], error))
            return false;
    }
    return true;
}

static bool read_batch(struct place *place, struct compared_object *const *objects, size_t count,
                       struct error *error)
{
    static const char query[] = "SELECT pg_catalog.lo_get(o.oid, 0, $2::pg_catalog.int4) "
                                "FROM pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY AS o "
                                "(oid, place) ORDER BY o.place";
    uint32_t oids[OBJECTS_A_QUERY];
    char length_text[16];
    struct rows *rows = NULL;

    for (size_t i = 0; i < count; i++)
        oids[i] = objects[i]->oid;
    snprintf(length_text, sizeof length_text, "%d", FIRST_SLICE_BYTES);

    const char *parameters[] = {schema_oid_array(place->arena, oids, count), length_text};

    if (!session_query_binary(place->session, query, 2, parameters, &rows, error))
        return false;
    bool is_done = digest_answer(place, objects, count, rows, error);
    rows_free(rows);
    return is_done;
}

bool read_live_objects(struct place *place, const struct compare_task *task, struct error *error)
{
    struct compared_object *batch[OBJECTS_A_QUERY];
    size_t count = 0;

    for (size_t i = 0; i < task->count; i++) {
        if (task->objects[i].is_live)
            batch[count++] = &task->objects[i];
        if (count < OBJECTS_A_QUERY && i + 1 < task->count)
            continue;
        if (count > 0 && !read_batch(place, batch, count, error))
            return false;
        count = 0;
    }
    return true;
}
