#include "engine/dump/copy_blob.h"

#include "engine/archive/blob_list.h"

#include <inttypes.h>
#include <stdio.h>

enum { LIST_ROOM = COPY_BLOBS_A_QUERY * 11 + 3 };

/* "{16411,16412}" */
static void print_list(char list[LIST_ROOM], const uint32_t *oids, size_t count)
{
    size_t length = 0;

    for (size_t i = 0; i < count; i++)
        length += (size_t)snprintf(list + length, LIST_ROOM - length, "%c%" PRIu32,
                                   i == 0 ? '{' : ',', oids[i]);
    snprintf(list + length, LIST_ROOM - length, "}");
}

bool copy_blob_ask(const struct copy_place *place, const char *query, const uint32_t *oids,
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
    char room[BLOB_FILE_NAME_BYTES];
    const char *name = blob_file_usual_name(oid, room);

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
