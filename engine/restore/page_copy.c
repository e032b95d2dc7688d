#include "engine/restore/page_copy.h"

#include "engine/archive/large_object_pages.h"
#include "engine/base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROW_HEAD_BYTES = 22, OIDS_AT_ONCE = 100000 };

bool page_copy_is_possible(const struct target *target)
{
    const char *is_superuser = session_parameter(target->session, "is_superuser");

    return is_superuser != NULL && strcmp(is_superuser, "on") == 0 &&
           target->settings->block_bytes == LARGE_OBJECT_PAGES_BLOCK_BYTES;
}

bool page_copy_begin(struct page_copy *copy, struct target *target, unsigned char *buffer,
                     struct error *error)
{
    static const char header[19] = "PGCOPY\n\377\r\n";
    static const char sql[] = "BEGIN; COPY pg_catalog.pg_largeobject (loid, pageno, data) "
                              "FROM STDIN WITH (FORMAT binary)";
    const char *begin = target->settings->is_one_transaction ? strstr(sql, "COPY") : sql;

    *copy =
        (struct page_copy){.session = target->session, .buffer = buffer, .length = sizeof(header)};
    memcpy(buffer, header, sizeof(header));
    return copy_in_begin(target->session, begin, error);
}

static void append(struct page_copy *copy, const void *bytes, size_t length)
{
    memcpy(copy->buffer + copy->length, bytes, length);
    copy->length += length;
}

static void append_number(struct page_copy *copy, uint32_t number, unsigned bytes)
{
    for (unsigned shift = 8 * bytes; shift > 0; shift -= 8)
        copy->buffer[copy->length++] = (unsigned char)(number >> (shift - 8));
}

static bool flush(struct page_copy *copy, struct error *error)
{
    size_t length = copy->length;

    copy->length = 0;
    return copy_in_write(copy->session, copy->buffer, length, error);
}

static bool add_page(struct page_copy *copy, uint32_t oid, uint32_t page, struct span bytes,
                     struct error *error)
{
    if (copy->length + ROW_HEAD_BYTES + bytes.length > PAGE_COPY_BUFFER_BYTES &&
        !flush(copy, error))
        return false;
    append_number(copy, 3, 2);
    append_number(copy, 4, 4);
    append_number(copy, oid, 4);
    append_number(copy, 4, 4);
    append_number(copy, page, 4);
    append_number(copy, (uint32_t)bytes.length, 4);
    append(copy, bytes.data, bytes.length);
    return true;
}

bool page_copy_add(struct page_copy *copy, uint32_t oid, uint64_t offset, struct span bytes,
                   struct error *error)
{
    assert(offset % LARGE_OBJECT_PAGE_BYTES == 0);
    while (bytes.length > 0) {
        size_t length = bytes.length;

        if (length > LARGE_OBJECT_PAGE_BYTES)
            length = LARGE_OBJECT_PAGE_BYTES;
        if (!add_page(copy, oid, (uint32_t)(offset / LARGE_OBJECT_PAGE_BYTES),
                      (struct span){bytes.data, length}, error))
            return false;
        offset += length;
        bytes.data += length;
        bytes.length -= length;
    }
    return true;
}

bool page_copy_end(struct page_copy *copy, struct error *error)
{
    uint64_t rows;

    if (copy->length + 2 > PAGE_COPY_BUFFER_BYTES && !flush(copy, error))
        return false;
    append_number(copy, UINT16_MAX, 2);
    return flush(copy, error) && copy_in_end(copy->session, &rows, error);
}

/* ---- are they there? ---- */

/* As a join the server would read the whole catalog for each batch. */
static bool find_missing(struct session *session, const struct text *oids, struct error *error)
{
    static const char sql[] =
        "SELECT pg_catalog.min(wanted.oid) FROM pg_catalog.unnest($1::pg_catalog.oid[]) "
        "AS wanted (oid) WHERE (SELECT m.oid FROM pg_catalog.pg_largeobject_metadata m "
        "WHERE m.oid = wanted.oid) IS NULL";
    const char *parameters[] = {oids->data};
    struct rows *rows = NULL;

    if (!session_query_parameters(session, sql, 1, parameters, &rows, error))
        return false;

    bool are_there =
        rows_is_null(rows, 0, 0) ||
        error_set(error, ERROR_SERVER, "large object %s does not exist", rows_text(rows, 0, 0));

    rows_free(rows);
    return are_there;
}

static bool check_some(struct target *target, const uint32_t *oids, size_t count,
                       struct error *error)
{
    struct text list;

    text_init(&list, TEXT_MAXIMUM);
    text_append(&list, "{");
    for (size_t i = 0; i < count; i++)
        text_print(&list, "%s%" PRIu32, i == 0 ? "" : ",", oids[i]);
    text_append(&list, "}");

    bool are_there = find_missing(target->session, &list, error);

    text_clear(&list);
    return are_there;
}

bool page_copy_check_objects(struct target *target, const uint32_t *oids, size_t count,
                             struct error *error)
{
    for (size_t done = 0; done < count; done += OIDS_AT_ONCE) {
        size_t left = count - done;

        if (!check_some(target, oids + done, left < OIDS_AT_ONCE ? left : OIDS_AT_ONCE, error))
            return false;
    }
    return true;
}
