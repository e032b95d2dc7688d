#include "engine/dump/copy_table.h"

#include "engine/archive/row_digest.h"
#include "engine/dump/session_setup.h"

#include <inttypes.h>
#include <string.h>

/* What the server sends is no archive yet. */
static bool blame_server(struct error *error)
{
    error->kind = ERROR_SERVER;
    error_prefix(error, "the server sent rows that cannot be");
    return false;
}

/* Counted and digested while they are in the processor's cache. */
static bool take_rows(struct stream *stream, struct row_digester *digester, const void *rows,
                      size_t length, struct error *error)
{
    uint64_t before = digester->digest.rows;

    if (!row_digester_update(digester, rows, length, error))
        return blame_server(error);
    stream_advance(stream, length, digester->digest.rows - before);
    return true;
}

static bool copy_rows(const struct copy_place *place, struct stream *stream,
                      struct row_digester *digester, struct error *error)
{
    struct copy_piece piece;

    do {
        void *window;
        size_t room;

        if (!stream_window(stream, &window, &room, error) ||
            !copy_out_read(place->session, window, room, &piece, error) ||
            !take_rows(stream, digester, window, piece.length, error))
            return false;
    } while (!piece.is_last);
    return row_digester_finish(digester, &stream->file->digest, error) || blame_server(error);
}

static bool check_count(uint64_t rows, uint64_t told, struct error *error)
{
    if (rows == told)
        return true;
    return error_set(error, ERROR_SERVER,
                     "got %" PRIu64 " rows, but the server says it sent %" PRIu64, rows, told);
}

/* Binary rows bring an end of their own. */
static bool end_rows(struct stream *stream, bool is_binary, struct error *error)
{
    static const char terminator[] = "\\.\n\n\n";

    return (is_binary || stream_write(stream, terminator, strlen(terminator), error)) &&
           stream_end(stream, error);
}

static bool receive(const struct copy_place *place, const struct copy_task *task,
                    struct stream *stream, struct error *error)
{
    struct row_digester digester;

    row_digester_init(&digester, task->is_binary ? ROW_FORM_BINARY : ROW_FORM_TEXT);
    stream->file->has_rows = true;
    return copy_rows(place, stream, &digester, error) &&
           check_count(digester.digest.rows, copy_out_total(place->session), error) &&
           end_rows(stream, task->is_binary, error);
}

bool copy_table_receive(const struct copy_place *place, const struct copy_task *task,
                        struct error *error)
{
    struct stream stream;

    copy_place_begin(place, &stream, copy_task_file_name(task));
    stream.file->context = task->early;
    if (receive(place, task, &stream, error))
        return true;
    stream_abandon(&stream);
    if (error->kind != ERROR_CANCELLED)
        error_prefix(error, "table %s", task->relation->name);
    return false;
}

static bool copy_statement(const struct copy_place *place, const struct copy_task *task,
                           struct error *error)
{
    struct error unused;
    bool is_there;

    if (!copy_out_begin(place->session, task->copy_sql, error)) {
        if (error->kind != ERROR_CANCELLED)
            error_prefix(error, "table %s", task->relation->name);
        return false;
    }
    if (!copy_table_receive(place, task, error))
        return false;
    /* The rows are there and counted: a session that is lost now, is so for the next task. */
    (void)!copy_out_next(place->session, &is_there, &unused);
    return true;
}

bool copy_table(const struct copy_place *place, const struct copy_task *task, struct error *error)
{
    struct error unused;

    /* pg_dump lowers the same guard for the same statement: this foreign table is what the user
     * asked for. */
    if (task->reads_foreign_data && !session_setup_restrict(place->session, RESTRICT_VIEWS, error))
        return false;
    if (!copy_statement(place, task, error))
        return false;
    if (task->reads_foreign_data)
        (void)!session_setup_restrict(place->session, RESTRICT_VIEWS_AND_FOREIGN_TABLES, &unused);
    return true;
}
