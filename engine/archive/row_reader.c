#include "engine/archive/row_reader.h"

#include "engine/archive/copy_text.h"
#include "engine/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct row_reader {
    struct data_reader *data;
    enum row_form form;
    enum copy_text_place place; /* text */
    struct copy_binary binary;  /* has seen all that was read, up to what is kept */
    unsigned char *kept; /* what the last piece did not end with: a row's beginning, or the close */
    size_t kept_bytes, kept_room;
    bool is_at_end;
};

struct row_reader *row_reader_create(struct data_reader *data, enum row_form form)
{
    struct row_reader *reader = memory_allocate(1, sizeof *reader);

    reader->data = data;
    reader->form = form;
    reader->place = COPY_TEXT_BEGINNING;
    return reader;
}

void row_reader_free(struct row_reader *reader)
{
    if (reader == NULL)
        return;
    free(reader->kept);
    free(reader);
}

static void keep(struct row_reader *reader, const unsigned char *bytes, size_t length)
{
    if (length > reader->kept_room) {
        reader->kept = memory_resize(reader->kept, length, 1);
        reader->kept_room = length;
    }
    if (length > 0)
        memcpy(reader->kept, bytes, length);
    reader->kept_bytes = length;
}

/* What was kept, and as much behind it as fits. */
static bool fill(struct row_reader *reader, unsigned char *buffer, size_t room, size_t *length,
                 struct error *error)
{
    size_t got;

    assert(reader->kept_bytes < room);
    if (reader->kept_bytes > 0)
        memcpy(buffer, reader->kept, reader->kept_bytes);
    *length = reader->kept_bytes;
    while (*length < room && !reader->is_at_end) {
        if (!data_reader_read(reader->data, buffer + *length, room - *length, &got, error))
            return false;
        *length += got;
        reader->is_at_end = got == 0;
    }
    return true;
}

/* An odd number of backslashes before it makes a line break part of a value. No server writes it
 * so, but each reads it. */
static bool is_escaped(const unsigned char *bytes, size_t place)
{
    size_t backslashes = 0;

    while (backslashes < place && bytes[place - backslashes - 1] == '\\')
        backslashes++;
    return backslashes % 2 == 1;
}

static size_t find_last_end(const unsigned char *bytes, size_t length)
{
    const unsigned char *last;

    while ((last = memrchr(bytes, '\n', length)) != NULL) {
        length = (size_t)(last - bytes);
        if (!is_escaped(bytes, length))
            return length + 1;
    }
    return 0;
}

/* The text is not as it must be. */
static bool blame(const struct row_reader *reader, struct error *error)
{
    error_prefix(error, "file \"%s\"", data_reader_name(reader->data));
    return false;
}

static bool read_text(struct row_reader *reader, unsigned char *buffer, size_t room, size_t *length,
                      bool *ends_row, struct error *error)
{
    size_t filled, rows_bytes;

    if (!fill(reader, buffer, room, &filled, error))
        return false;
    if (reader->is_at_end)
        return copy_text_last_rows(buffer, filled, reader->place, length, error) ||
               blame(reader, error);
    if (!copy_text_rows(buffer, filled, reader->place, &rows_bytes, error))
        return blame(reader, error);
    *length = find_last_end(buffer, rows_bytes);
    if (*length == 0) {
        *ends_row = false;
        *length = rows_bytes;
    }
    reader->place = COPY_TEXT_MIDDLE;
    keep(reader, buffer + *length, filled - *length);
    return true;
}

/* Up to the first row, in pieces no larger than what is still missing of it. */
static bool read_header(struct row_reader *reader, unsigned char *buffer, size_t room,
                        struct error *error)
{
    uint64_t missing = COPY_BINARY_HEADER_BYTES;
    size_t got;

    while (missing > 0) {
        if (!data_reader_read(reader->data, buffer, missing < room ? missing : room, &got, error))
            return false;
        if (got == 0)
            return copy_binary_finish(&reader->binary, error);
        if (!copy_binary_read(&reader->binary, buffer, got, error))
            return false;
        missing -= got;
        if (missing == 0)
            missing = reader->binary.skipped_bytes;
    }
    return true;
}

/* Where the last row ends that ends here; 0: none does. */
static bool find_last_row(struct row_reader *reader, const unsigned char *bytes, size_t known,
                          size_t length, size_t *end, struct error *error)
{
    struct span left = {bytes + known, length - known};
    struct copy_binary_row row;

    *end = 0;
    while (left.length > 0) {
        if (!copy_binary_next(&reader->binary, &left, &row, error))
            return false;
        if (row.is_whole || row.ends)
            *end = (size_t)(left.data - bytes);
    }
    return true;
}

/* What is kept is the beginning of a row, or of the end of all. */
static bool read_binary(struct row_reader *reader, unsigned char *buffer, size_t room,
                        size_t *length, bool *ends_row, struct error *error)
{
    size_t filled, known = reader->kept_bytes;

    if (reader->binary.part == COPY_BINARY_SIGNATURE && !read_header(reader, buffer, room, error))
        return false;
    if (!fill(reader, buffer, room, &filled, error) ||
        !find_last_row(reader, buffer, known, filled, length, error))
        return false;
    if (reader->is_at_end)
        return copy_binary_finish(&reader->binary, error);
    if (*length == 0) {
        *ends_row = false;
        *length = filled;
    }
    keep(reader, buffer + *length, filled - *length);
    return true;
}

bool row_reader_read(struct row_reader *reader, unsigned char *buffer, size_t room, size_t *length,
                     bool *ends_row, struct error *error)
{
    assert(room >= ROW_READER_ROOM_LEAST);
    *length = 0;
    *ends_row = true;
    if (reader->is_at_end)
        return true;
    return reader->form == ROW_FORM_BINARY
               ? read_binary(reader, buffer, room, length, ends_row, error)
               : read_text(reader, buffer, room, length, ends_row, error);
}
