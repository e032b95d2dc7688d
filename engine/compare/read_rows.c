#include "engine/compare/read_rows.h"

#include "engine/archive/row_reader.h"
#include "engine/base/text.h"
#include "engine/sql/read_settings.h"

#include <inttypes.h>

static bool go_on(const struct place *place, struct error *error)
{
    return !cancel_is_set(place->settings->watch->cancel) ||
           error_set(error, ERROR_CANCELLED, "comparing was cancelled");
}

static void count_bytes(const struct place *place, size_t length)
{
    counter_add(&place->settings->watch->counters.raw_bytes_done, length);
}

/* The archive's */

static bool digest_binary(struct place *place, struct data_reader *reader,
                          struct row_digester *digester, struct error *error)
{
    size_t length;

    do {
        if (!go_on(place, error) ||
            !data_reader_read(reader, place->buffer, PLACE_BUFFER_BYTES, &length, error) ||
            !row_digester_update(digester, place->buffer, length, error))
            return false;
        count_bytes(place, length);
    } while (length > 0);
    return true;
}

static bool digest_lines(struct place *place, struct row_reader *rows,
                         struct row_digester *digester, struct error *error)
{
    size_t length;
    bool ends_row;

    do {
        if (!go_on(place, error) ||
            !row_reader_read(rows, place->buffer, PLACE_BUFFER_BYTES, &length, &ends_row, error) ||
            !row_digester_update(digester, place->buffer, length, error))
            return false;
        count_bytes(place, length);
    } while (length > 0);
    return true;
}

static bool digest_text(struct place *place, struct data_reader *reader,
                        struct row_digester *digester, struct error *error)
{
    struct row_reader *rows = row_reader_create(reader, ROW_FORM_TEXT);
    bool is_done = digest_lines(place, rows, digester, error);

    row_reader_free(rows);
    return is_done;
}

bool read_archived_rows(struct place *place, struct compare_task *task, struct error *error)
{
    struct row_digester digester;
    struct data_reader *reader;

    if (!data_reader_open(&reader, place->settings->archive, task->entry->file_name, error))
        return false;
    row_digester_init(&digester, task->form);
    bool is_done = (task->form == ROW_FORM_BINARY ? digest_binary(place, reader, &digester, error)
                                                  : digest_text(place, reader, &digester, error)) &&
                   row_digester_finish(&digester, &task->digest, error);
    data_reader_close(reader);
    return is_done;
}

/* The database's */

static bool check_count(const struct place *place, const struct row_digest *digest,
                        struct error *error)
{
    uint64_t told = copy_out_total(place->session);

    return digest->rows == told ||
           error_set(error, ERROR_SERVER,
                     "got %" PRIu64 " rows, but the server says it sent %" PRIu64, digest->rows,
                     told);
}

static bool receive(struct place *place, struct row_digester *digester, struct error *error)
{
    struct copy_piece piece;

    do {
        if (!copy_out_read(place->session, place->buffer, PLACE_BUFFER_BYTES, &piece, error) ||
            !row_digester_update(digester, place->buffer, piece.length, error))
            return false;
        count_bytes(place, piece.length);
    } while (!piece.is_last);
    return true;
}

static bool copy(struct place *place, struct compare_task *task, struct error *error)
{
    struct row_digester digester;
    bool is_there;

    row_digester_init(&digester, task->form);
    return copy_out_begin(place->session, task->sql, error) && receive(place, &digester, error) &&
           row_digester_finish(&digester, &task->digest, error) &&
           check_count(place, &task->digest, error) &&
           copy_out_next(place->session, &is_there, error);
}

static bool restrict_to(struct place *place, enum relation_restriction restriction,
                        struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    read_settings_append_restriction(&sql, restriction);

    bool is_done = session_execute(place->session, sql.data, error);

    text_clear(&sql);
    return is_done;
}

bool read_live_rows(struct place *place, struct compare_task *task, struct error *error)
{
    if (!place_prepare(place, error))
        return false;
    if (!task->reads_foreign_data)
        return copy(place, task, error);
    /* What was set within a transaction that fails is undone with it. */
    return restrict_to(place, RESTRICT_VIEWS, error) && copy(place, task, error) &&
           restrict_to(place, RESTRICT_VIEWS_AND_FOREIGN_TABLES, error);
}
