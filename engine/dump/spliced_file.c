#include "engine/dump/spliced_file.h"

#include "engine/archive/copy_binary.h"
#include "engine/base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SCRATCH_BYTES = 64 << 10 };

static bool write_rows(struct spliced_file *file, const unsigned char *bytes, size_t length,
                       struct error *error)
{
    while (length > 0) {
        uint64_t before = file->digester.digest.rows;
        void *window;
        size_t room;

        if (!stream_window(&file->stream, &window, &room, error))
            return false;

        size_t piece = length < room ? length : room;

        memcpy(window, bytes, piece);
        if (!row_digester_update(&file->digester, bytes, piece, error)) {
            error->kind = ERROR_SERVER;
            return false;
        }
        stream_advance(&file->stream, piece, file->digester.digest.rows - before);
        bytes += piece;
        length -= piece;
    }
    return true;
}

/* In binary format each COPY has a beginning and an end of its own, of which the file has but one:
 * what may be an end is held back until more comes. */
struct splice {
    size_t to_skip;
    unsigned char held[2];
    size_t held_count;
};

static bool pass_on(struct spliced_file *file, struct splice *splice, const unsigned char *bytes,
                    size_t length, struct error *error)
{
    size_t skipped = length < splice->to_skip ? length : splice->to_skip;

    splice->to_skip -= skipped;
    bytes += skipped;
    length -= skipped;
    if (!file->is_binary)
        return write_rows(file, bytes, length, error);
    if (length >= sizeof splice->held) {
        size_t kept = length - sizeof splice->held;

        if (!write_rows(file, splice->held, splice->held_count, error) ||
            !write_rows(file, bytes, kept, error))
            return false;
        memcpy(splice->held, bytes + kept, sizeof splice->held);
        splice->held_count = sizeof splice->held;
        return true;
    }
    for (; length > 0; length--) {
        if (splice->held_count == sizeof splice->held) {
            if (!write_rows(file, splice->held, 1, error))
                return false;
            splice->held[0] = splice->held[1];
            splice->held_count--;
        }
        splice->held[splice->held_count++] = *bytes++;
    }
    return true;
}

/* Rows come whole or not at all, so those before a failure are good. */
static bool pass_rows(struct spliced_file *file, struct error *error)
{
    struct splice splice = {.to_skip = file->is_binary ? COPY_BINARY_HEADER_BYTES : 0};
    struct copy_piece piece;
    struct error failure;
    bool is_read;

    do {
        is_read = copy_out_read(file->session, file->scratch, SCRATCH_BYTES, &piece, &failure);
        if (!pass_on(file, &splice, file->scratch, piece.length, error))
            return false;
    } while (is_read && !piece.is_last);
    if (is_read)
        return true;
    if (!write_rows(file, splice.held, splice.held_count, error))
        return false;
    *error = failure;
    return false;
}

bool spliced_file_copy(struct spliced_file *file, const char *sql, uint64_t *rows,
                       struct error *error)
{
    uint64_t before = file->digester.digest.rows;
    bool is_there;
    bool is_read = copy_out_begin(file->session, sql, error) && pass_rows(file, error);

    *rows = file->digester.digest.rows - before;
    if (!is_read)
        return false;
    if (*rows != copy_out_total(file->session))
        return error_set(error, ERROR_SERVER,
                         "got %" PRIu64 " rows, but the server says it sent %" PRIu64, *rows,
                         copy_out_total(file->session));
    return copy_out_next(file->session, &is_there, error);
}

void spliced_file_init(struct spliced_file *file, struct session *session, bool is_binary)
{
    *file = (struct spliced_file){
        .session = session,
        .is_binary = is_binary,
        .scratch = memory_allocate(SCRATCH_BYTES, 1),
    };
    row_digester_init(&file->digester, is_binary ? ROW_FORM_BINARY : ROW_FORM_TEXT);
}

bool spliced_file_begin(struct spliced_file *file, const struct copy_place *place,
                        const struct copy_task *task, struct error *error)
{
    static const unsigned char header[COPY_BINARY_HEADER_BYTES] = "PGCOPY\n\377\r\n";

    copy_place_begin(place, &file->stream, copy_task_file_name(task));
    file->stream.file->context = task->early;
    file->stream.file->has_rows = true;
    return !file->is_binary || write_rows(file, header, sizeof header, error);
}

bool spliced_file_end(struct spliced_file *file, struct error *error)
{
    static const unsigned char trailer[] = {0xFF, 0xFF};
    static const char terminator[] = "\\.\n\n\n";

    return (!file->is_binary || write_rows(file, trailer, sizeof trailer, error)) &&
           row_digester_finish(&file->digester, &file->stream.file->digest, error) &&
           (file->is_binary ||
            stream_write(&file->stream, terminator, strlen(terminator), error)) &&
           stream_end(&file->stream, error);
}

void spliced_file_abandon(struct spliced_file *file)
{
    if (file->stream.file)
        stream_abandon(&file->stream);
}

void spliced_file_clear(struct spliced_file *file)
{
    free(file->scratch);
}
