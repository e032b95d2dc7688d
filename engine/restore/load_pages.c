#include "engine/restore/load_pages.h"

#include "engine/archive/copy_statement.h"
#include "engine/archive/data_reader.h"
#include "engine/archive/label.h"
#include "engine/archive/page_rows.h"
#include "engine/archive/row_digest.h"
#include "engine/base/fault.h"
#include "engine/base/memory.h"
#include "engine/restore/page_copy.h"
#include "engine/restore/put_batch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum pages_way {
    PAGES_COPIED, /* the whole file, or nothing of it */
    PAGES_PUT,    /* the same */
    PAGES_LOOKED_AT,
    PAGES_PUT_SINGLY /* what is committed is the objects that succeed: look at the file before */
};

struct oid_list {
    uint32_t *items;
    size_t count, room;
};

struct pages {
    struct target *target;
    const struct plan_step *step;
    const char *label;
    struct outcome *outcome;
    bool is_binary;
    enum pages_way way;

    /* of one walk through the file: */
    struct oid_list oids; /* in the order of their pages, so that some may come again */
    struct put_batch puts;
    struct row_digester digester;
    uint64_t raw_bytes, stored_bytes;
    bool has_object;   /* PAGES_PUT_SINGLY: its transaction is open */
    bool skips_object; /* it has failed */
    uint32_t object;
};

/* ---- one object at a time ---- */

static void fail_object(struct pages *pages, struct error *error)
{
    char label[LABEL_BYTES];

    snprintf(label, sizeof label, "LARGE OBJECT %" PRIu32, pages->object);
    pages->skips_object = true;
    put_batch_forget(&pages->puts);
    target_rollback(pages->target);
    target_fail(pages->target, pages->outcome, label, pages->step->entry, error);
}

static void end_object(struct pages *pages)
{
    struct error error = {.kind = ERROR_NONE};

    if (pages->has_object && !pages->skips_object &&
        (!put_batch_send(&pages->puts, &error) || !target_commit(pages->target, &error)))
        fail_object(pages, &error);
    pages->has_object = false;
}

static void begin_object(struct pages *pages, uint32_t oid)
{
    struct error error = {.kind = ERROR_NONE};

    pages->has_object = true;
    pages->skips_object = false;
    pages->object = oid;
    if (!target_begin(pages->target, &error))
        fail_object(pages, &error);
}

/* Failures of objects are told here; false is for all the others. */
static bool put_singly(struct pages *pages, const struct page_row *row, struct span bytes,
                       struct error *error)
{
    if (!pages->has_object || row->oid != pages->object) {
        end_object(pages);
        if (!pages->outcome->stops)
            begin_object(pages, row->oid);
    }
    if (pages->outcome->stops) {
        *error = pages->outcome->error;
        return false;
    }

    struct error own = {.kind = ERROR_NONE};

    if (!pages->skips_object &&
        !put_batch_add(&pages->puts, row->oid, (uint64_t)row->page * LARGE_OBJECT_PAGE_BYTES, bytes,
                       &own))
        fail_object(pages, &own);
    return true;
}

/* ---- one walk through the file ---- */

static void note_object(struct pages *pages, uint32_t oid)
{
    struct oid_list *oids = &pages->oids;

    if (oids->count > 0 && oids->items[oids->count - 1] == oid)
        return;
    if (oids->count == oids->room) {
        oids->room = oids->room ? 2 * oids->room : 1024;
        oids->items = memory_resize(oids->items, oids->room, sizeof oids->items[0]);
    }
    oids->items[oids->count++] = oid;
}

static bool take_row(struct pages *pages, const struct page_rows *rows, const struct page_row *row,
                     struct error *error)
{
    unsigned char page[LARGE_OBJECT_PAGE_BYTES];
    struct span bytes = {.data = page};

    if (pages->way == PAGES_COPIED) {
        note_object(pages, row->oid);
        return true;
    }
    if (!page_row_decode(rows, row, page, &bytes.length, error))
        return false;
    if (pages->way == PAGES_PUT)
        return put_batch_add(&pages->puts, row->oid, (uint64_t)row->page * LARGE_OBJECT_PAGE_BYTES,
                             bytes, error);
    return pages->way == PAGES_LOOKED_AT || put_singly(pages, row, bytes, error);
}

/* What is complete in the buffer; the rest moves to its front. */
static bool take_rows(struct pages *pages, struct page_rows *rows, size_t *held,
                      struct error *error)
{
    unsigned char *buffer = pages->target->buffer;
    struct span left = {buffer, *held};
    struct page_row row;
    bool is_there;

    do {
        if (!page_rows_next(rows, &left, &row, &is_there, error) ||
            (is_there && !take_row(pages, rows, &row, error)))
            return false;
    } while (is_there);
    if (!row_digester_update(&pages->digester, buffer, *held - left.length, error))
        return false;
    if (pages->way == PAGES_COPIED &&
        !copy_in_write(pages->target->session, buffer, *held - left.length, error))
        return false;
    memmove(buffer, left.data, left.length);
    *held = left.length;
    return true;
}

static bool check_digest(const struct pages *pages, const struct data_reader *reader,
                         struct error *error)
{
    struct row_digest digest;

    return row_digester_finish(&pages->digester, &digest, error) &&
           manifest_check_rows(data_reader_expectation(reader), &digest, error);
}

static bool read_rows(struct pages *pages, struct data_reader *reader, struct error *error)
{
    struct counters *counters = &pages->target->settings->watch->counters;
    struct page_rows rows = {.is_binary = pages->is_binary};
    unsigned char *buffer = pages->target->buffer;
    size_t held = 0, length;

    row_digester_init(&pages->digester, pages->is_binary ? ROW_FORM_BINARY : ROW_FORM_TEXT);
    do {
        if (!data_reader_read(reader, buffer + held, TARGET_BUFFER_BYTES - held, &length, error))
            return false;
        held += length;
        pages->raw_bytes += length;
        counter_add(&counters->raw_bytes_done, length);
        if (!take_rows(pages, &rows, &held, error))
            return false;
    } while (length > 0);
    pages->stored_bytes = data_reader_stored_bytes(reader);
    return page_rows_finish(&rows, (struct span){buffer, held}, error) &&
           check_digest(pages, reader, error);
}

static bool read_file(struct pages *pages, struct error *error)
{
    struct data_reader *reader;

    pages->raw_bytes = pages->stored_bytes = 0;
    pages->oids.count = 0;
    put_batch_forget(&pages->puts);
    if (!data_reader_open(&reader, pages->target->settings->archive, pages->step->entry->file_name,
                          error))
        return false;

    bool is_read = read_rows(pages, reader, error);

    data_reader_close(reader);
    return is_read;
}

/* ---- the ways ---- */

static bool copy_file(struct pages *pages, struct error *error)
{
    struct target *target = pages->target;
    const char *begin = target->settings->is_one_transaction ? "" : "BEGIN; ";
    char *sql = memory_print("%s%s", begin, pages->step->entry->copy_statement);
    bool has_begun = copy_in_begin(target->session, sql, error);
    uint64_t rows;

    free(sql);
    if (!has_begun)
        return false;
    if (!read_file(pages, error)) {
        copy_in_abort(target->session, error->message);
        return false;
    }
    return copy_in_end(target->session, &rows, error) &&
           page_copy_check_objects(target, pages->oids.items, pages->oids.count, error);
}

static bool put_file(struct pages *pages, struct error *error)
{
    return target_begin(pages->target, error) && read_file(pages, error) &&
           put_batch_send(&pages->puts, error);
}

static void count(const struct pages *pages)
{
    pages->outcome->raw_bytes += pages->raw_bytes;
    pages->outcome->stored_bytes += pages->stored_bytes;
    counter_add(&pages->target->settings->watch->counters.stored_bytes_done, pages->stored_bytes);
}

/* The display should not count twice what is read twice. */
static void take_back(const struct pages *pages)
{
    counter_add(&pages->target->settings->watch->counters.raw_bytes_done, -pages->raw_bytes);
}

static bool commit_file(const struct pages *pages, struct error *error)
{
    target_mark(pages->target, journal_key(JOURNAL_ROWS, pages->step->entry->dump_id, 0));
    FAULT_POINT("restore.pages.before");
    bool is_done = target_commit(pages->target, error);
    FAULT_POINT("restore.pages.after");
    return is_done;
}

static bool load_whole(struct pages *pages, struct error *error)
{
    bool is_copied = page_copy_is_possible(pages->target);

    pages->way = is_copied ? PAGES_COPIED : PAGES_PUT;
    if ((is_copied ? copy_file(pages, error) : put_file(pages, error)) &&
        commit_file(pages, error)) {
        count(pages);
        return true;
    }
    target_rollback(pages->target);
    take_back(pages);
    return false;
}

static bool look_at_file(struct pages *pages, struct error *error)
{
    pages->way = PAGES_LOOKED_AT;

    bool is_right = read_file(pages, error);

    take_back(pages);
    return is_right;
}

static void load_singly(struct pages *pages)
{
    struct error error = {.kind = ERROR_NONE};
    bool is_read = look_at_file(pages, &error);

    if (is_read) {
        pages->way = PAGES_PUT_SINGLY;
        is_read = read_file(pages, &error);
        end_object(pages);
        count(pages);
    }
    if (!is_read)
        target_fail(pages->target, pages->outcome, pages->label, pages->step->entry, &error);
}

static bool is_of_an_object(const struct target *target, const struct error *error)
{
    return error->kind != ERROR_CANCELLED && error->kind != ERROR_DAMAGED &&
           !target->settings->is_one_transaction && session_is_usable(target->session);
}

static bool begin(struct pages *pages, struct error *error)
{
    struct copy_statement parts;

    if (!copy_statement_parse(pages->step->entry->copy_statement, &parts, error))
        return false;
    pages->is_binary = parts.is_binary;
    put_batch_init(&pages->puts, pages->target->session);
    return true;
}

void load_pages(struct target *target, const struct plan_step *step, struct outcome *outcome)
{
    char label[LABEL_BYTES];
    struct error error = {.kind = ERROR_NONE};
    struct pages pages = {.target = target, .step = step, .label = label, .outcome = outcome};

    snprintf(label, sizeof label, "LARGE OBJECTS (%.200s)", step->entry->file_name);
    event_emit(target->settings->watch->events, EVENT_DETAIL, "processing %s", label);
    if (!begin(&pages, &error)) {
        target_fail(target, outcome, label, step->entry, &error);
        return;
    }
    if (!load_whole(&pages, &error)) {
        if (is_of_an_object(target, &error))
            load_singly(&pages);
        else
            target_fail(target, outcome, label, step->entry, &error);
    }
    put_batch_clear(&pages.puts);
    free(pages.oids.items);
}
