#include "engine/restore/load_table.h"

#include "engine/archive/copy_statement.h"
#include "engine/archive/data_reader.h"
#include "engine/archive/insert_text.h"
#include "engine/archive/row_digest.h"
#include "engine/archive/row_reader.h"
#include "engine/base/arena.h"
#include "engine/base/fault.h"
#include "engine/base/text.h"
#include "engine/restore/load_begin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A TRUNCATE makes new files, which is too much for less (assignment.h has those loaded in groups).
 */
enum { TRUNCATE_STORED_BYTES = 64 * 1024 };

/* One attempt. What it counts becomes part of the outcome when the rows are committed. */
struct load {
    struct target *target;
    const struct plan_step *step;
    const char *label;
    struct data_reader *reader;
    uint64_t raw_bytes, stored_bytes, rows;
};

/* Rows that go into a table which this very transaction has created or emptied can be frozen as
 * they come: no vacuum has to write their pages again one day, and where wal_level is minimal they
 * need no WAL. The table must be new, and this all its data, unless one transaction holds
 * everything. Rows that go through a partition's root may lie beside those of other entries. */
static bool may_freeze(const struct load *load, const char *qualified_name)
{
    const struct plan_table *table = load->step->table;

    if (table == NULL || !table->is_created ||
        copy_statement_is_via_root(load->step->entry, qualified_name))
        return false;
    return load->target->settings->is_one_transaction ||
           (table->data_count == 1 && table->stored_bytes >= TRUNCATE_STORED_BYTES);
}

static void count_read(struct load *load, size_t length)
{
    struct counters *counters = &load->target->settings->watch->counters;
    uint64_t stored_bytes = data_reader_stored_bytes(load->reader);

    counter_add(&counters->raw_bytes_done, length);
    counter_add(&counters->stored_bytes_done, stored_bytes - load->stored_bytes);
    load->raw_bytes += length;
    load->stored_bytes = stored_bytes;
}

static bool read_piece(struct load *load, unsigned char *buffer, size_t room, size_t *length,
                       struct error *error)
{
    if (!data_reader_read(load->reader, buffer, room, length, error))
        return false;
    count_read(load, *length);
    return true;
}

/* With the end of binary rows, which is for the server too, but it would not miss it. */
static bool write_binary_rows(struct load *load, struct row_digester *digester, struct error *error)
{
    unsigned char *buffer = load->target->buffer;
    size_t length;

    for (;;) {
        if (!read_piece(load, buffer, TARGET_BUFFER_BYTES, &length, error))
            return false;
        if (length == 0)
            return true;
        if (!row_digester_update(digester, buffer, length, error) ||
            !copy_in_write(load->target->session, buffer, length, error))
            return false;
    }
}

/* Without a manifest there is nothing to hold them against. */
static bool digest_text(const struct load *load, struct row_digester *digester, size_t length,
                        struct error *error)
{
    return data_reader_expectation(load->reader) == NULL ||
           row_digester_update(digester, load->target->buffer, length, error);
}

static bool write_text_rows(struct load *load, struct row_digester *digester, struct error *error)
{
    unsigned char *buffer = load->target->buffer;
    struct row_reader *rows = row_reader_create(load->reader, ROW_FORM_TEXT);
    size_t length;
    bool ends_row, is_well;

    do {
        is_well = row_reader_read(rows, buffer, TARGET_BUFFER_BYTES, &length, &ends_row, error) &&
                  digest_text(load, digester, length, error) &&
                  copy_in_write(load->target->session, buffer, length, error);
        count_read(load, length);
    } while (is_well && length > 0);
    row_reader_free(rows);
    return is_well;
}

/* What goes to the server are the rows that came from one. */
static bool write_rows(struct load *load, bool is_binary, struct error *error)
{
    struct row_digester digester;
    struct row_digest digest;

    row_digester_init(&digester, is_binary ? ROW_FORM_BINARY : ROW_FORM_TEXT);
    return (is_binary ? write_binary_rows(load, &digester, error)
                      : write_text_rows(load, &digester, error)) &&
           row_digester_finish(&digester, &digest, error) &&
           manifest_check_rows(data_reader_expectation(load->reader), &digest, error);
}

/* The file has been proven by its checksum when this is asked. */
static bool check_rows(const struct load *load, struct error *error)
{
    const struct manifest_file *expected = data_reader_expectation(load->reader);
    const struct plan_table *table = load->step->table;

    if (expected == NULL || expected->digest.rows == load->rows)
        return true;
    if (table != NULL && table->is_created)
        return error_set(error, ERROR_DAMAGED,
                         "file \"%s\" gave %" PRIu64 " rows, but %" PRIu64 " were dumped",
                         expected->name, load->rows, expected->digest.rows);
    error_set(error, ERROR_SERVER, "the table took %" PRIu64 " of %" PRIu64 " rows", load->rows,
              expected->digest.rows);
    error_hint(error, "A trigger of the table drops rows: use --disable-triggers to load all.");
    return false;
}

static bool begin_frozen(const struct load *load, const char *qualified_name,
                         const struct copy_statement *parts, struct error *error)
{
    struct target *target = load->target;
    const char *copy = copy_statement_frozen(target->arena, parts);

    if (target->settings->is_one_transaction)
        return copy_in_begin(target->session, copy, error);
    return copy_in_begin(
        target->session,
        arena_print(target->arena, "BEGIN; TRUNCATE TABLE ONLY %s; %s", qualified_name, copy),
        error);
}

/* Whatever the server has against freezing (the right to truncate, say), the rows matter more. */
static bool begin_copy(const struct load *load, const struct copy_statement *parts,
                       struct error *error)
{
    struct target *target = load->target;
    const char *name = statement_qualified_name(target->arena, load->step->entry);

    if (!may_freeze(load, name))
        return load_begin(target, load->step->entry, error);
    if (begin_frozen(load, name, parts, error))
        return true;
    if (target->settings->is_one_transaction || !session_is_usable(target->session))
        return false;
    target_rollback(target);
    return load_begin(target, load->step->entry, error);
}

static bool copy_rows(struct load *load, struct error *error)
{
    struct session *session = load->target->session;
    struct copy_statement parts;

    if (!copy_statement_parse(load->step->entry->copy_statement, &parts, error))
        return false;
    if (!begin_copy(load, &parts, error))
        return false;
    if (!write_rows(load, parts.is_binary, error)) {
        copy_in_abort(session, error->message);
        return false;
    }
    return copy_in_end(session, &load->rows, error) && check_rows(load, error);
}

/* Statements as they come, as many at once as a piece of the file holds. */
static bool run_inserts(struct load *load, struct text *pending, struct error *error)
{
    struct target *target = load->target;
    char *piece = (char *)target->buffer;
    struct insert_text scan = {.has_backslash_escapes =
                                   !target->settings->statements.conforming_strings};

    for (;;) {
        size_t length;

        if (!read_piece(load, target->buffer, TARGET_BUFFER_BYTES, &length, error))
            return false;
        if (length == 0)
            break;
        if (memchr(piece, '\0', length) != NULL)
            return error_set(error, ERROR_DAMAGED, "data holds a zero byte");
        size_t end = insert_text_scan(&scan, piece, length);
        text_append_bytes(pending, piece, end > 0 ? end : length);
        if (pending->is_cut)
            return error_set(error, ERROR_DAMAGED, "data holds a statement that is too long");
        if (end == 0)
            continue;
        if (!target_execute(target, load->label, pending->data, error))
            return false;
        text_truncate(pending, 0);
        text_append_bytes(pending, piece + end, length - end);
    }
    if (!insert_text_is_complete(&scan))
        return error_set(error, ERROR_DAMAGED, "data ends inside a statement");
    return true;
}

static bool insert_rows(struct load *load, struct error *error)
{
    struct text pending;

    text_init(&pending, TEXT_MAXIMUM);
    bool is_done = run_inserts(load, &pending, error);
    text_clear(&pending);
    return is_done;
}

static bool insert_in_transaction(struct load *load, struct error *error)
{
    return target_begin(load->target, error) && insert_rows(load, error);
}

static bool load_in_transaction(struct load *load, struct error *error)
{
    const char *copy_statement = load->step->entry->copy_statement;
    bool is_copy = copy_statement != NULL && copy_statement[0] != '\0';

    if (!(is_copy ? copy_rows(load, error) : insert_in_transaction(load, error)))
        return false;
    target_mark(load->target, journal_key(JOURNAL_ROWS, load->step->entry->dump_id, 0));
    FAULT_POINT("restore.rows.before");
    bool is_done = target_commit(load->target, error);
    FAULT_POINT("restore.rows.after");
    return is_done;
}

static bool load_once(struct load *load, struct error *error)
{
    struct target *target = load->target;

    target_renew_arena(target);
    if (!load_settings(target, load->label, load->step->entry, error))
        return false;
    if (!data_reader_open(&load->reader, target->settings->archive, load->step->entry->file_name,
                          error))
        return false;
    bool is_done = load_in_transaction(load, error);
    data_reader_close(load->reader);
    if (!is_done)
        target_rollback(target);
    target_warn(target, load->label);
    return is_done;
}

/* The display should not count twice what is read twice. */
static void take_back(const struct load *load)
{
    struct counters *counters = &load->target->settings->watch->counters;

    counter_add(&counters->raw_bytes_done, -load->raw_bytes);
    counter_add(&counters->stored_bytes_done, -load->stored_bytes);
}

static void count(const struct load *load, struct outcome *outcome)
{
    outcome->rows += load->rows;
    outcome->raw_bytes += load->raw_bytes;
    outcome->stored_bytes += load->stored_bytes;
    counter_add(&load->target->settings->watch->counters.rows_done, load->rows);
}

/* Rows that refer to rows which are not there yet, by a foreign key that was there before. */
static bool may_come_later(const struct load *load, const struct error *error)
{
    const struct plan_table *table = load->step->table;

    return strcmp(error->sqlstate, "23503") == 0 && table != NULL && !table->is_created &&
           !load->target->settings->is_one_transaction;
}

static void give_up(const struct load *load, struct error *error, struct outcome *outcome)
{
    if (may_come_later(load, error)) {
        take_back(load);
        outcome->is_postponed = true;
        outcome->error = *error;
    } else {
        target_fail(load->target, outcome, load->label, load->step->entry, error);
    }
}

void load_table(struct target *target, const struct plan_step *step, struct outcome *outcome)
{
    char label[LABEL_BYTES], name[LABEL_BYTES];

    load_label(label, step);
    label_name(name, step->entry);
    event_emit(target->settings->watch->events, EVENT_DETAIL, "processing data for table \"%s\"",
               name);
    for (unsigned attempt = 1;; attempt++) {
        struct error error = {.kind = ERROR_NONE};
        struct load load = {.target = target, .step = step, .label = label};

        if (load_once(&load, &error)) {
            count(&load, outcome);
            return;
        }
        if (!target_may_retry(target, &error, attempt)) {
            give_up(&load, &error, outcome);
            return;
        }
        take_back(&load);
    }
}
