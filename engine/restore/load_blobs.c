#include "engine/restore/load_blobs.h"

#include "engine/archive/blob_list_file.h"
#include "engine/archive/data_reader.h"
#include "engine/archive/label.h"
#include "engine/archive/object_reader.h"
#include "engine/base/fault.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "engine/restore/page_copy.h"
#include "engine/restore/put_batch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OBJECTS_PER_TRANSACTION = 1000 };
#define UNIQUE_VIOLATION "23505"

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

    struct object_reader *reader;
    bool copies;                /* by COPY; otherwise by lo_put */
    struct page_copy copy;      /* where it copies */
    unsigned char *copy_buffer; /* for that */
    struct put_batch puts;      /* where it does not */
};

static bool read_list(struct blobs *blobs, struct error *error)
{
    const struct archive *archive = blobs->target->settings->archive;

    return blob_list_read(archive, archive_blob_list_name(archive, blobs->entry), &blobs->files,
                          &blobs->count, error);
}

/* ---- the contents, one way or the other ---- */

static bool send(struct blobs *blobs, uint32_t oid, uint64_t offset, struct span bytes,
                 struct error *error)
{
    return blobs->copies ? page_copy_add(&blobs->copy, oid, offset, bytes, error)
                         : put_batch_add(&blobs->puts, oid, offset, bytes, error);
}

/* Whole pages, as long as there are any. */
static bool fill_buffer(struct blobs *blobs, struct data_reader *reader, size_t *filled,
                        struct error *error)
{
    size_t length;

    *filled = 0;
    do {
        if (!data_reader_read(reader, blobs->target->buffer + *filled,
                              TARGET_BUFFER_BYTES - *filled, &length, error))
            return false;
        *filled += length;
    } while (length > 0 && *filled < TARGET_BUFFER_BYTES);
    return true;
}

static bool send_pieces(struct blobs *blobs, uint32_t oid, struct data_reader *reader,
                        struct amount *amount, struct error *error)
{
    uint64_t offset = 0;
    size_t filled;

    do {
        if (!fill_buffer(blobs, reader, &filled, error) ||
            !send(blobs, oid, offset, (struct span){blobs->target->buffer, filled}, error))
            return false;
        offset += filled;
        amount->raw_bytes += filled;
        counter_add(&blobs->target->settings->watch->counters.raw_bytes_done, filled);
    } while (filled == TARGET_BUFFER_BYTES);
    return true;
}

static bool send_large(struct blobs *blobs, const struct blob_file *file, struct amount *amount,
                       struct error *error)
{
    struct data_reader *reader;
    char room[BLOB_FILE_NAME_BYTES];

    if (!data_reader_open(&reader, blobs->target->settings->archive, blob_file_name(file, room),
                          error))
        return false;
    bool is_done = send_pieces(blobs, file->oid, reader, amount, error);
    amount->stored_bytes += data_reader_stored_bytes(reader);
    data_reader_close(reader);
    return is_done;
}

static bool send_small(struct blobs *blobs, const struct blob_file *file,
                       const struct object_content *content, struct amount *amount,
                       struct error *error)
{
    if (!send(blobs, file->oid, 0, content->bytes, error))
        return false;
    amount->raw_bytes += content->bytes.length;
    amount->stored_bytes += content->stored_bytes;
    counter_add(&blobs->target->settings->watch->counters.raw_bytes_done, content->bytes.length);
    return true;
}

static bool send_object(struct blobs *blobs, const struct blob_file *file, struct amount *amount,
                        struct error *error)
{
    struct object_content content;
    char room[BLOB_FILE_NAME_BYTES];

    if (!object_reader_read(blobs->reader, blob_file_name(file, room), &content, error) ||
        !(content.is_whole ? send_small(blobs, file, &content, amount, error)
                           : send_large(blobs, file, amount, error)))
        return false;
    amount->objects++;
    return true;
}

static bool send_objects(struct blobs *blobs, const struct blob_file *files, size_t count,
                         struct amount *amount, struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!send_object(blobs, &files[i], amount, error))
            return false;
    return true;
}

static bool check_objects(struct blobs *blobs, const struct blob_file *files, size_t count,
                          struct error *error)
{
    uint32_t oids[OBJECTS_PER_TRANSACTION];

    for (size_t i = 0; i < count; i++)
        oids[i] = files[i].oid;
    return page_copy_check_objects(blobs->target, oids, count, error);
}

static bool copy_objects(struct blobs *blobs, const struct blob_file *files, size_t count,
                         struct amount *amount, struct error *error)
{
    if (!page_copy_begin(&blobs->copy, blobs->target, blobs->copy_buffer, error))
        return false;
    if (!send_objects(blobs, files, count, amount, error)) {
        copy_in_abort(blobs->target->session, error->message);
        return false;
    }
    return page_copy_end(&blobs->copy, error) && check_objects(blobs, files, count, error);
}

/* lo_put neither creates an object nor cuts it, as the stock tool's writing does neither. The call
 * is made for an empty object too: the object must be there. */
static bool put_objects(struct blobs *blobs, const struct blob_file *files, size_t count,
                        struct amount *amount, struct error *error)
{
    put_batch_forget(&blobs->puts);
    return target_begin(blobs->target, error) && send_objects(blobs, files, count, amount, error) &&
           put_batch_send(&blobs->puts, error);
}

/* Of the files from there on, in the journal. */
static uint64_t key_of(const struct blobs *blobs, const struct blob_file *files)
{
    return journal_key(JOURNAL_OBJECTS, blobs->entry->dump_id, (uint32_t)(files - blobs->files));
}

static bool commit_files(struct blobs *blobs, const struct blob_file *files, size_t count,
                         struct error *error)
{
    if (count > 1)
        target_mark(blobs->target, key_of(blobs, files));
    FAULT_POINT("restore.objects.before");
    bool is_done = target_commit(blobs->target, error);
    FAULT_POINT("restore.objects.after");
    return is_done;
}

/* True: all are in. The outcome has the numbers. */
static bool load_files(struct blobs *blobs, const struct blob_file *files, size_t count,
                       struct error *error)
{
    struct counters *counters = &blobs->target->settings->watch->counters;
    struct outcome *outcome = blobs->outcome;
    struct amount amount = {.objects = 0};

    if (!(blobs->copies ? copy_objects(blobs, files, count, &amount, error)
                        : put_objects(blobs, files, count, &amount, error)) ||
        !commit_files(blobs, files, count, error)) {
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
 * transaction of its own and by lo_put, which also writes over what is there; only those that fail
 * then are lost, each by name. */
static void load_one_by_one(struct blobs *blobs, const struct blob_file *files, size_t count)
{
    bool copied = blobs->copies;

    blobs->copies = false;
    for (size_t i = 0; i < count && !blobs->outcome->stops; i++) {
        struct error error = {.kind = ERROR_NONE};
        char label[LABEL_BYTES];

        if (load_files(blobs, &files[i], 1, &error))
            continue;
        snprintf(label, sizeof label, "LARGE OBJECT %" PRIu32, files[i].oid);
        target_fail(blobs->target, blobs->outcome, label, blobs->entry, &error);
    }
    blobs->copies = copied;
}

static bool ends_all(const struct target *target, const struct error *error)
{
    return error->kind == ERROR_CANCELLED || target->settings->is_one_transaction ||
           !session_is_usable(target->session);
}

/* Objects with content of their own cannot be copied into, and there will be more of them. */
static bool put_instead(struct blobs *blobs, const struct blob_file *files, size_t count,
                        const struct error *why)
{
    struct error unused;

    if (!blobs->copies || strcmp(why->sqlstate, UNIQUE_VIOLATION) != 0)
        return false;
    blobs->copies = false;
    return load_files(blobs, files, count, &unused);
}

static void load_batches(struct blobs *blobs)
{
    size_t count;

    for (size_t i = 0; i < blobs->count && !blobs->outcome->stops; i += count) {
        struct error error = {.kind = ERROR_NONE};

        count = blobs->count - i;
        if (count > OBJECTS_PER_TRANSACTION)
            count = OBJECTS_PER_TRANSACTION;
        if (target_is_done(blobs->target, key_of(blobs, &blobs->first[i])))
            continue;
        if (load_files(blobs, &blobs->first[i], count, &error))
            continue;
        if (ends_all(blobs->target, &error))
            target_fail(blobs->target, blobs->outcome, blobs->label, blobs->entry, &error);
        else if (!put_instead(blobs, &blobs->first[i], count, &error))
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

static void begin(struct blobs *blobs)
{
    blobs->reader = object_reader_create(blobs->target->settings->archive);
    blobs->copies = page_copy_is_possible(blobs->target);
    blobs->copy_buffer = memory_allocate(PAGE_COPY_BUFFER_BYTES, 1);
    put_batch_init(&blobs->puts, blobs->target->session);
}

static void end(struct blobs *blobs)
{
    put_batch_clear(&blobs->puts);
    free(blobs->copy_buffer);
    object_reader_free(blobs->reader);
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
        begin(&blobs);
        load_batches(&blobs);
        end(&blobs);
    } else {
        target_fail(target, outcome, label, entry, &error);
    }
    free(blobs.files);
}
