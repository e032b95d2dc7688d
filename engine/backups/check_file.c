#include "engine/backups/check_file.h"

#include "engine/archive/copy_text.h"
#include "engine/archive/data_reader.h"
#include "engine/archive/insert_text.h"
#include "engine/archive/row_digest.h"
#include "engine/base/checksum.h"
#include "engine/base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static bool go_on(const struct checker *checker, struct error *error)
{
    return !cancel_is_set(checker->watch->cancel) ||
           error_set(error, ERROR_CANCELLED, "verifying was cancelled");
}

/* The totals are of stored bytes: they are known of every file, and are what is read. */
static void count_read(const struct checker *checker, uint64_t stored_bytes)
{
    counter_add(&checker->watch->counters.stored_bytes_done, stored_bytes);
    counter_add(&checker->watch->counters.raw_bytes_done, stored_bytes);
}

/* The bytes as they are stored */

static ssize_t read_some(int descriptor, unsigned char *buffer)
{
    ssize_t got;

    do
        got = FAULT_CALL("file.read", read(descriptor, buffer,
                                           FAULT_LENGTH("file.read_short", CHECK_BUFFER_BYTES)));
    while (got < 0 && errno == EINTR);
    return got;
}

static bool digest(const struct checker *checker, const char *name, int descriptor,
                   struct checksum *checksum, uint64_t *size_bytes, struct error *error)
{
    ssize_t got;

    while (go_on(checker, error)) {
        got = read_some(descriptor, checker->buffer);
        if (got < 0)
            return error_set_os(error, errno, "could not read \"%s\"", name);
        if (got == 0)
            return true;
        checksum_update(checksum, checker->buffer, (size_t)got);
        *size_bytes += (uint64_t)got;
        count_read(checker, (uint64_t)got);
    }
    return false;
}

static bool check_size(const struct manifest_file *expected, uint64_t size_bytes,
                       struct error *error)
{
    return size_bytes == expected->size_bytes ||
           error_set(error, ERROR_DAMAGED,
                     "it has %" PRIu64 " bytes, but was written with %" PRIu64, size_bytes,
                     expected->size_bytes);
}

static bool check_bytes(const struct checker *checker, const struct manifest_file *expected,
                        int descriptor, struct error *error)
{
    char text[CHECKSUM_TEXT_BYTES];
    struct checksum *checksum = checksum_create();
    uint64_t size_bytes = 0;

    (void)posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    bool is_read = digest(checker, expected->name, descriptor, checksum, &size_bytes, error);
    checksum_end(checksum, text);
    checksum_free(checksum);
    if (!is_read || !check_size(expected, size_bytes, error))
        return false;
    return strcmp(text, expected->checksum) == 0 ||
           error_set(error, ERROR_DAMAGED, "it does not have the checksum it was written with");
}

static bool check_stored(const struct checker *checker, const struct archive_file *file,
                         struct error *error)
{
    uint64_t size_bytes;
    int descriptor;

    if (!folder_open_file(checker->archive->folder, file->name, &descriptor, &size_bytes, error))
        return false;
    bool is_right = check_size(file->expected, size_bytes, error) &&
                    check_bytes(checker, file->expected, descriptor, error);
    close(descriptor);
    return is_right;
}

/* What they hold. The reader itself vouches for frames, sizes and checksum. */

static bool read_piece(const struct checker *checker, struct data_reader *reader,
                       unsigned char *piece, size_t room, size_t *length, struct error *error)
{
    uint64_t before = data_reader_stored_bytes(reader);

    if (!go_on(checker, error) || !data_reader_read(reader, piece, room, length, error))
        return false;
    count_read(checker, data_reader_stored_bytes(reader) - before);
    return true;
}

static bool read_through(const struct checker *checker, struct data_reader *reader,
                         struct error *error)
{
    size_t length;

    do {
        if (!read_piece(checker, reader, checker->buffer, CHECK_BUFFER_BYTES, &length, error))
            return false;
    } while (length > 0);
    return true;
}

static bool digest_binary_rows(const struct checker *checker, struct data_reader *reader,
                               struct row_digester *digester, struct error *error)
{
    size_t length;

    do {
        if (!read_piece(checker, reader, checker->buffer, CHECK_BUFFER_BYTES, &length, error) ||
            !row_digester_update(digester, checker->buffer, length, error))
            return false;
    } while (length > 0);
    return true;
}

/* The closing line is kept back at the buffer's start until more comes. */
static bool digest_text_rows(const struct checker *checker, struct data_reader *reader,
                             struct row_digester *digester, struct error *error)
{
    enum copy_text_place place = COPY_TEXT_BEGINNING;
    unsigned char *buffer = checker->buffer;
    size_t held = 0, length, rows_bytes;

    do {
        if (!read_piece(checker, reader, buffer + held, CHECK_BUFFER_BYTES - held, &length, error))
            return false;
        held += length;
        if (length > 0 ? !copy_text_rows(buffer, held, place, &rows_bytes, error)
                       : !copy_text_last_rows(buffer, held, place, &rows_bytes, error))
            return false;
        if (!row_digester_update(digester, buffer, rows_bytes, error))
            return false;
        if (rows_bytes > 0)
            place = COPY_TEXT_MIDDLE;
        held -= rows_bytes;
        memmove(buffer, buffer + rows_bytes, held);
    } while (length > 0);
    return true;
}

static bool check_rows(const struct checker *checker, struct data_reader *reader,
                       enum row_form form, uint64_t *rows, struct error *error)
{
    struct row_digester digester;
    struct row_digest digest;

    row_digester_init(&digester, form);
    if (form == ROW_FORM_BINARY ? !digest_binary_rows(checker, reader, &digester, error)
                                : !digest_text_rows(checker, reader, &digester, error))
        return false;
    if (!row_digester_finish(&digester, &digest, error))
        return false;
    *rows = digest.rows;
    return manifest_check_rows(data_reader_expectation(reader), &digest, error);
}

static bool check_inserts(const struct checker *checker, struct data_reader *reader,
                          struct error *error)
{
    struct insert_text scan = {.has_backslash_escapes = checker->inventory->has_backslash_escapes};
    size_t length;

    do {
        if (!read_piece(checker, reader, checker->buffer, CHECK_BUFFER_BYTES, &length, error))
            return false;
        (void)insert_text_scan(&scan, (const char *)checker->buffer, length);
    } while (length > 0);
    return insert_text_is_complete(&scan) ||
           error_set(error, ERROR_DAMAGED, "it ends inside a statement");
}

static bool check_content(const struct checker *checker, struct data_reader *reader,
                          enum file_content content, uint64_t *rows, struct error *error)
{
    switch (content) {
    case CONTENT_COPY_TEXT:
        return check_rows(checker, reader, ROW_FORM_TEXT, rows, error);
    case CONTENT_COPY_BINARY:
        return check_rows(checker, reader, ROW_FORM_BINARY, rows, error);
    case CONTENT_INSERTS:
        return check_inserts(checker, reader, error);
    case CONTENT_READ:
    case CONTENT_UNNAMED:
    case CONTENT_BYTES:
        break;
    }
    return read_through(checker, reader, error);
}

static bool check_decoded(const struct checker *checker, const struct archive_file *file,
                          uint64_t *rows, struct error *error)
{
    struct data_reader *reader;

    if (!data_reader_open(&reader, checker->archive, file->name, error))
        return false;
    bool is_right =
        (checker->decoders == 0 || data_reader_read_ahead(reader, checker->decoders, error)) &&
        check_content(checker, reader, file->content, rows, error);
    data_reader_close(reader);
    return is_right;
}

bool check_file(const struct checker *checker, const struct archive_file *file, uint64_t *rows,
                struct error *error)
{
    *rows = 0;
    if (file->content == CONTENT_READ)
        return true;
    if (file->content == CONTENT_UNNAMED || (file->expected != NULL && !checker->is_deep))
        return check_stored(checker, file, error);
    return check_decoded(checker, file, rows, error);
}
