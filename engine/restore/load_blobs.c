#include "engine/restore/load_blobs.h"

#include "engine/archive/blob_list.h"
#include "engine/archive/data_reader.h"
#include "engine/archive/label.h"
#include "engine/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { OBJECTS_PER_TRANSACTION = 1000 };
#define LIST_MAXIMUM_BYTES ((size_t)1 << 30)

struct amount {
    uint64_t raw_bytes, stored_bytes, objects;
};

struct blobs {
    struct target *target;
    const struct toc_entry *entry;
    const char *label;
    struct blob_file *files;       /* the whole list */
    const struct blob_file *first; /* of those to load */
    size_t count;
    struct outcome *outcome;
};

static bool read_list_text(const struct blobs *blobs, struct text *text, struct error *error)
{
    const struct archive *archive = blobs->target->settings->archive;
    unsigned char *buffer = blobs->target->buffer;
    struct data_reader *reader;
    size_t length = 0;
    bool is_done;

    if (!data_reader_open(&reader, archive, archive_blob_list_name(archive, blobs->entry), error))
        return false;
    while ((is_done = data_reader_read(reader, buffer, TARGET_BUFFER_BYTES, &length, error)) &&
           length > 0)
        text_append_bytes(text, buffer, length);
    data_reader_close(reader);
    if (is_done && text->is_cut)
        return error_set(error, ERROR_DAMAGED, "the list of large objects is too long");
    return is_done;
}

static bool read_list(struct blobs *blobs, struct error *error)
{
    struct text text;

    text_init(&text, LIST_MAXIMUM_BYTES);
    bool is_done = read_list_text(blobs, &text, error);
    if (is_done) {
        struct span bytes = {(const unsigned char *)text.data, text.length_bytes};
        is_done = blob_list_parse_files(bytes, &blobs->files, &blobs->count, error);
    }
    text_clear(&text);
    return is_done;
}

/* lo_put neither creates an object nor cuts it, as the stock tool's writing does neither. The call
 * is made for an empty object too: the object must be there. */
static bool put_pieces(struct blobs *blobs, const struct blob_file *file,
                       struct data_reader *reader, struct amount *amount, struct error *error)
{
    struct target *target = blobs->target;
    char oid[16], sql[96];
    uint64_t offset = 0;

    snprintf(oid, sizeof oid, "%" PRIu32, file->oid);
    for (;;) {
        size_t length;

        if (!data_reader_read(reader, target->buffer, TARGET_BUFFER_BYTES, &length, error))
            return false;
        if (length == 0 && offset > 0)
            break;
        snprintf(sql, sizeof sql, "SELECT pg_catalog.lo_put($1::oid, %" PRIu64 ", $2)", offset);
        if (!session_execute_bytes(target->session, sql, oid, target->buffer, length, error))
            return false;
        offset += length;
        amount->raw_bytes += length;
        counter_add(&target->settings->watch->counters.raw_bytes_done, length);
        if (length == 0)
            break;
    }
    amount->stored_bytes += data_reader_stored_bytes(reader);
    amount->objects++;
    return true;
}

static bool put_object(struct blobs *blobs, const struct blob_file *file, struct amount *amount,
                       struct error *error)
{
    struct data_reader *reader;

    if (!data_reader_open(&reader, blobs->target->settings->archive, file->file_name, error))
        return false;
    bool is_done = put_pieces(blobs, file, reader, amount, error);
    data_reader_close(reader);
    return is_done;
}

static bool put_objects(struct blobs *blobs, const struct blob_file *files, size_t count,
                        struct amount *amount, struct error *error)
{
    if (!target_begin(blobs->target, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!put_object(blobs, &files[i], amount, error))
            return false;
    }
    return target_commit(blobs->target, error);
}

/* True: all are in. The outcome has the numbers. */
static bool load_files(struct blobs *blobs, const struct blob_file *files, size_t count,
                       struct error *error)
{
    struct counters *counters = &blobs->target->settings->watch->counters;
    struct outcome *outcome = blobs->outcome;
    struct amount amount = {.objects = 0};

    if (!put_objects(blobs, files, count, &amount, error)) {
        target_rollback(blobs->target);
        counter_add(&counters->raw_bytes_done, -amount.raw_bytes);
        return false;
    }
    counter_add(&counters->stored_bytes_done, amount.stored_bytes);
    outcome->raw_bytes += amount.raw_bytes;
    outcome->stored_bytes += amount.stored_bytes;
    outcome->large_objects += amount.objects;
    return true;
}

/* One object that fails takes the others of its transaction with it. So they come again, each in a
 * transaction of its own, and only those that fail then are lost, each by name. */
static void load_one_by_one(struct blobs *blobs, const struct blob_file *files, size_t count)
{
    for (size_t i = 0; i < count && !blobs->outcome->stops; i++) {
        struct error error = {.kind = ERROR_NONE};
        char label[LABEL_BYTES];

        if (load_files(blobs, &files[i], 1, &error))
            continue;
        snprintf(label, sizeof label, "LARGE OBJECT %" PRIu32, files[i].oid);
        target_fail(blobs->target, blobs->outcome, label, blobs->entry, &error);
    }
}

static bool ends_all(const struct target *target, const struct error *error)
{
    return error->kind == ERROR_CANCELLED || target->settings->is_one_transaction ||
           !session_is_usable(target->session);
}

static void load_batches(struct blobs *blobs)
{
    size_t count;

    for (size_t i = 0; i < blobs->count && !blobs->outcome->stops; i += count) {
        struct error error = {.kind = ERROR_NONE};

        count = blobs->count - i;
        if (count > OBJECTS_PER_TRANSACTION)
            count = OBJECTS_PER_TRANSACTION;
        if (load_files(blobs, &blobs->first[i], count, &error))
            continue;
        if (ends_all(blobs->target, &error))
            target_fail(blobs->target, blobs->outcome, blobs->label, blobs->entry, &error);
        else
            load_one_by_one(blobs, &blobs->first[i], count);
    }
}

/* The step's share of the list. */
static void keep_part(struct blobs *blobs, const struct plan_step *step)
{
    size_t first = blobs->count * step->part / step->parts;
    size_t end = blobs->count * (step->part + 1) / step->parts;

    blobs->first = &blobs->files[first];
    blobs->count = end - first;
}

void load_blobs(struct target *target, const struct plan_step *step, struct outcome *outcome)
{
    const struct toc_entry *entry = step->entry;
    struct error error = {.kind = ERROR_NONE};
    char label[LABEL_BYTES];
    struct blobs blobs = {.target = target, .entry = entry, .label = label, .outcome = outcome};

    label_entry(label, entry);
    event_emit(target->settings->watch->events, EVENT_DETAIL, "processing %s", label);
    if (read_list(&blobs, &error)) {
        keep_part(&blobs, step);
        load_batches(&blobs);
    } else {
        target_fail(target, outcome, label, entry, &error);
    }
    free(blobs.files);
}
