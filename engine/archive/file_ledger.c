#include "engine/archive/file_ledger.h"

#include "engine/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 << 10 };
static const char scratch_name[] = "pgfast.files";

/* What is written of a file: this, then its name, its digest where it has rows, and its frames. For
 * nobody but this process. */
struct record {
    uint64_t size_bytes, raw_bytes;
    size_t frame_count, name_length;
    bool has_rows;
    char checksum[CHECKSUM_TEXT_BYTES];
};

struct buffer {
    unsigned char *bytes; /* BUFFER_BYTES */
    size_t length;
};

struct file_ledger {
    struct folder *folder;
    size_t count;
    struct buffer latest;
    int scratch; /* all before; -1: there is no more */
    /* reading: */
    struct buffer earlier; /* what was read ahead of it */
    bool is_at_end;        /* of the scratch file */
    size_t earlier_at, latest_at;
    size_t read_count;
    struct record record; /* the last one read, and what goes with it: */
    char *name;
    struct frame_sizes *frames;
    size_t name_room, frame_room;
    bool has_failed;
    struct error error;
};

struct file_ledger *file_ledger_create(struct folder *folder)
{
    struct file_ledger *ledger = memory_allocate(1, sizeof(*ledger));

    *ledger = (struct file_ledger){
        .folder = folder, .latest.bytes = memory_allocate(BUFFER_BYTES, 1), .scratch = -1};
    return ledger;
}

void file_ledger_free(struct file_ledger *ledger)
{
    if (!ledger)
        return;
    if (ledger->scratch >= 0)
        close(ledger->scratch);
    free(ledger->latest.bytes);
    free(ledger->earlier.bytes);
    free(ledger->name);
    free(ledger->frames);
    free(ledger);
}

size_t file_ledger_count(const struct file_ledger *ledger)
{
    return ledger->count;
}

/* Writing */

static bool write_latest(struct file_ledger *ledger, struct error *error)
{
    const struct span bytes = {ledger->latest.bytes, ledger->latest.length};

    if (ledger->scratch < 0 &&
        !folder_create_nameless_file(ledger->folder, scratch_name, &ledger->scratch, error))
        return false;
    ledger->latest.length = 0;
    return folder_append_file(ledger->folder, scratch_name, ledger->scratch, bytes, error);
}

static bool append(struct file_ledger *ledger, const void *bytes, size_t length,
                   struct error *error)
{
    const unsigned char *at = bytes;

    while (length > 0) {
        size_t room = BUFFER_BYTES - ledger->latest.length;
        size_t piece = length < room ? length : room;

        memcpy(ledger->latest.bytes + ledger->latest.length, at, piece);
        ledger->latest.length += piece;
        at += piece;
        length -= piece;
        if (ledger->latest.length == BUFFER_BYTES && !write_latest(ledger, error))
            return false;
    }
    return true;
}

bool file_ledger_add(struct file_ledger *ledger, const struct manifest_file *file,
                     struct error *error)
{
    struct record record = {
        .size_bytes = file->size_bytes,
        .raw_bytes = file->raw_bytes,
        .frame_count = file->frames.count,
        .name_length = strlen(file->name),
        .has_rows = file->has_rows,
    };

    memcpy(record.checksum, file->checksum, CHECKSUM_TEXT_BYTES);
    ledger->count++;
    return append(ledger, &record, sizeof(record), error) &&
           append(ledger, file->name, record.name_length, error) &&
           (!file->has_rows || append(ledger, &file->digest, sizeof(file->digest), error)) &&
           append(ledger, file->frames.frames, record.frame_count * sizeof(struct frame_sizes),
                  error);
}

/* Reading */

void file_ledger_begin_reading(struct file_ledger *ledger)
{
    ledger->earlier.length = ledger->earlier_at = ledger->latest_at = 0;
    ledger->read_count = 0;
    ledger->is_at_end = ledger->scratch < 0;
    if (ledger->scratch >= 0 && !ledger->earlier.bytes)
        ledger->earlier.bytes = memory_allocate(BUFFER_BYTES, 1);
    ledger->has_failed =
        ledger->scratch >= 0 &&
        !folder_rewind_file(ledger->folder, scratch_name, ledger->scratch, &ledger->error);
}

/* False: at the end of the scratch file. */
static bool read_ahead(struct file_ledger *ledger)
{
    if (ledger->is_at_end)
        return false;
    ledger->earlier_at = 0;
    ledger->has_failed =
        !folder_read_some(ledger->folder, scratch_name, ledger->scratch, ledger->earlier.bytes,
                          BUFFER_BYTES, &ledger->earlier.length, &ledger->error);
    ledger->is_at_end = ledger->earlier.length < BUFFER_BYTES;
    return !ledger->has_failed && ledger->earlier.length > 0;
}

static size_t take_from(const struct buffer *buffer, size_t *at, void *bytes, size_t length)
{
    size_t left = buffer->length - *at;
    size_t piece = length < left ? length : left;

    memcpy(bytes, buffer->bytes + *at, piece);
    *at += piece;
    return piece;
}

static bool take(struct file_ledger *ledger, void *bytes, size_t length)
{
    unsigned char *at = bytes;

    while (length > 0 && !ledger->has_failed) {
        size_t piece = 0;

        if (ledger->earlier_at < ledger->earlier.length || read_ahead(ledger))
            piece = take_from(&ledger->earlier, &ledger->earlier_at, at, length);
        else if (!ledger->has_failed)
            piece = take_from(&ledger->latest, &ledger->latest_at, at, length);
        if (piece == 0 && !ledger->has_failed)
            ledger->has_failed = !error_set(&ledger->error, ERROR_IO,
                                            "the list of files that were written has been cut");
        at += piece;
        length -= piece;
    }
    return !ledger->has_failed;
}

static void make_room(struct file_ledger *ledger)
{
    if (ledger->record.name_length >= ledger->name_room) {
        ledger->name_room = ledger->record.name_length + 1;
        ledger->name = memory_resize(ledger->name, ledger->name_room, 1);
    }
    if (ledger->record.frame_count > ledger->frame_room) {
        ledger->frame_room = ledger->record.frame_count;
        ledger->frames =
            memory_resize(ledger->frames, ledger->frame_room, sizeof(struct frame_sizes));
    }
}

bool file_ledger_read(struct file_ledger *ledger, struct manifest_file *file)
{
    struct record *record = &ledger->record;

    if (ledger->has_failed || ledger->read_count == ledger->count ||
        !take(ledger, record, sizeof(*record)))
        return false;
    make_room(ledger);
    *file = (struct manifest_file){
        .name = ledger->name,
        .size_bytes = record->size_bytes,
        .raw_bytes = record->raw_bytes,
        .checksum = record->checksum,
        .has_rows = record->has_rows,
        .frames = {.frames = ledger->frames, .count = record->frame_count},
    };
    ledger->read_count++;
    ledger->name[record->name_length] = '\0';
    return take(ledger, ledger->name, record->name_length) &&
           (!file->has_rows || take(ledger, &file->digest, sizeof(file->digest))) &&
           take(ledger, ledger->frames, record->frame_count * sizeof(struct frame_sizes));
}

bool file_ledger_end_reading(struct file_ledger *ledger, struct error *error)
{
    if (!ledger->has_failed)
        return true;
    *error = ledger->error;
    return false;
}
