#include "engine/restore/load_group.h"

#include "engine/archive/copy_statement.h"
#include "engine/archive/copy_text.h"
#include "engine/archive/data_reader.h"
#include "engine/archive/label.h"
#include "engine/archive/row_digest.h"
#include "engine/base/arena.h"
#include "engine/base/fault.h"
#include "engine/base/text.h"

/* The statements of a group, while they are written down. */
struct group {
    struct target *target;
    struct statement_state state; /* what they leave the session with */
};

/* The whole of a small file, in the session's buffer. */
struct small_rows {
    size_t length;     /* of the file */
    size_t rows_bytes; /* of what the server gets */
    uint64_t stored_bytes;
    const struct manifest_file *expected; /* or NULL */
};

static bool append_step(struct text *sql, struct group *group, const struct plan_step *step)
{
    struct target *target = group->target;
    struct statement_list list;
    struct copy_statement parts;
    struct error unused;

    if (step->entry->copy_statement == NULL ||
        !copy_statement_parse(step->entry->copy_statement, &parts, &unused) ||
        !statement_before_data(&list, target->arena, step->entry, &target->settings->statements,
                               &group->state, &unused))
        return false;
    for (size_t i = 0; i < list.count; i++)
        text_print(sql, "%s\n;\n", list.items[i].sql);
    text_print(sql, "%s\n;\n", step->entry->copy_statement);
    return !sql->is_cut;
}

static bool make_text(struct text *sql, struct group *group, const struct assignment *assignment)
{
    text_append(sql, "BEGIN;\n");
    for (size_t i = 0; i < assignment->count; i++)
        if (!append_step(sql, group, assignment->steps[i]))
            return false;
    return true;
}

/* False: it is damaged, or larger than the buffer. */
static bool read_to_end(struct data_reader *reader, unsigned char *buffer, size_t *length)
{
    struct error unused;
    size_t piece;

    *length = 0;
    do {
        if (!data_reader_read(reader, buffer + *length, TARGET_BUFFER_BYTES - *length, &piece,
                              &unused))
            return false;
        *length += piece;
    } while (piece > 0 && *length < TARGET_BUFFER_BYTES);
    return piece == 0;
}

/* Their end is there, and they are those that were dumped. */
static bool check_rows(const unsigned char *buffer, const struct small_rows *rows,
                       enum row_form form)
{
    struct row_digester digester;
    struct row_digest digest;
    struct error unused;

    row_digester_init(&digester, form);
    return row_digester_update(&digester, buffer, rows->rows_bytes, &unused) &&
           row_digester_finish(&digester, &digest, &unused) &&
           manifest_check_rows(rows->expected, &digest, &unused);
}

static bool find_rows(const struct plan_step *step, const unsigned char *buffer,
                      struct small_rows *rows)
{
    struct copy_statement parts;
    struct error unused;

    if (!copy_statement_parse(step->entry->copy_statement, &parts, &unused))
        return false;
    rows->rows_bytes = rows->length;
    if (!parts.is_binary &&
        !copy_text_last_rows(buffer, rows->length, COPY_TEXT_BEGINNING, &rows->rows_bytes, &unused))
        return false;
    return check_rows(buffer, rows, parts.is_binary ? ROW_FORM_BINARY : ROW_FORM_TEXT);
}

/* All of it is read, and proven, before the server gets any. */
static bool read_rows(const struct target *target, const struct plan_step *step,
                      struct small_rows *rows)
{
    struct data_reader *reader;
    struct error unused;

    *rows = (struct small_rows){.length = 0};
    if (!data_reader_open(&reader, target->settings->archive, step->entry->file_name, &unused))
        return false;
    bool is_read = read_to_end(reader, target->buffer, &rows->length);
    rows->expected = data_reader_expectation(reader);
    rows->stored_bytes = data_reader_stored_bytes(reader);
    data_reader_close(reader);
    return is_read && find_rows(step, target->buffer, rows);
}

static void count(struct outcome *outcome, const struct small_rows *rows, uint64_t taken)
{
    outcome->rows = taken;
    outcome->raw_bytes = rows->length;
    outcome->stored_bytes = rows->stored_bytes;
}

/* A COPY waits for these rows; when they are in, the COPY of the next step waits for its own. */
static bool copy_step(struct target *target, const struct plan_step *step, struct outcome *outcome)
{
    struct small_rows rows;
    struct error unused;
    uint64_t taken;
    bool is_there;

    if (!read_rows(target, step, &rows))
        return false;
    if (rows.rows_bytes > 0 &&
        !copy_in_write(target->session, target->buffer, rows.rows_bytes, &unused))
        return false;
    if (!copy_in_next(target->session, &taken, &is_there, &unused))
        return false;
    count(outcome, &rows, taken);
    return rows.expected == NULL || rows.expected->digest.rows == taken;
}

static bool copy_all(struct target *target, const char *sql, struct assignment *assignment)
{
    struct error unused;

    if (!copy_in_begin(target->session, sql, &unused))
        return false;
    for (size_t i = 0; i < assignment->count; i++) {
        if (!copy_step(target, assignment->steps[i], &assignment->outcomes[i])) {
            copy_in_abort(target->session, "some rows cannot be loaded");
            return false;
        }
    }
    if (target_forget_warnings(target))
        return false;
    for (size_t i = 0; i < assignment->count; i++)
        target_mark(target, journal_key(JOURNAL_ROWS, assignment->steps[i]->entry->dump_id, 0));
    FAULT_POINT("restore.group.before");
    bool is_done = target_end_batch(target, &unused);
    FAULT_POINT("restore.group.after");
    return is_done;
}

static void tell(const struct target *target, const struct assignment *assignment)
{
    struct watch *watch = target->settings->watch;
    char name[LABEL_BYTES];

    for (size_t i = 0; i < assignment->count; i++) {
        const struct outcome *outcome = &assignment->outcomes[i];

        label_name(name, assignment->steps[i]->entry);
        event_emit(watch->events, EVENT_DETAIL, "processing data for table \"%s\"", name);
        counter_add(&watch->counters.rows_done, outcome->rows);
        counter_add(&watch->counters.raw_bytes_done, outcome->raw_bytes);
        counter_add(&watch->counters.stored_bytes_done, outcome->stored_bytes);
    }
}

static void forget(struct target *target, struct assignment *assignment)
{
    target_undo_batch(target);
    for (size_t i = 0; i < assignment->count; i++)
        assignment->outcomes[i] = (struct outcome){.error_count = 0};
}

bool load_group(struct target *target, struct assignment *assignment)
{
    struct group group = {.target = target, .state = target->state};
    struct text sql;

    /* There rows are better frozen as they come, which only load_table does. */
    if (target->settings->is_one_transaction)
        return false;
    target_renew_arena(target);
    text_init(&sql, TEXT_MAXIMUM);
    bool is_done = make_text(&sql, &group, assignment) && copy_all(target, sql.data, assignment);
    text_clear(&sql);
    if (is_done) {
        target->state = group.state;
        tell(target, assignment);
    } else {
        forget(target, assignment);
    }
    return is_done;
}
