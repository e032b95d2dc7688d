#include "engine/archive/copy_binary.h"

#include <inttypes.h>
#include <string.h>

static const unsigned char signature[] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xff, '\r', '\n', 0};

const unsigned char copy_binary_header[COPY_BINARY_HEADER_BYTES] = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xff, '\r', '\n', 0};
const unsigned char copy_binary_trailer[COPY_BINARY_TRAILER_BYTES] = {0xff, 0xff};

/* Bits that change what the rows look like; 16, the only one ever used, gave them OIDs before 12.
 */
static const uint32_t critical_flags = 0xffff0000;

enum { END_OF_ROWS = 0xffff, NULL_LENGTH = -1 };

/* One piece, as far as it has been read. */
struct piece {
    struct copy_binary *data;
    const unsigned char *bytes, *at, *end;
};

static bool fail(const struct piece *piece, const char *what, struct error *error)
{
    return error_set(error, ERROR_DAMAGED, "binary data has %s (byte %" PRIu64 ")", what,
                     piece->data->offset_bytes + (uint64_t)(piece->at - piece->bytes));
}

static uint32_t number_of(const unsigned char *bytes, unsigned width)
{
    uint32_t number = 0;

    for (unsigned i = 0; i < width; i++)
        number = number << 8 | bytes[i];
    return number;
}

/* False when the piece ends within the number. */
static inline bool take_number(struct piece *piece, unsigned width, uint32_t *number)
{
    struct copy_binary *data = piece->data;

    if (data->carried_bytes == 0 && (size_t)(piece->end - piece->at) >= width) {
        *number = number_of(piece->at, width);
        piece->at += width;
        return true;
    }
    while (data->carried_bytes < width) {
        if (piece->at == piece->end)
            return false;
        data->carried[data->carried_bytes++] = *piece->at++;
    }
    data->carried_bytes = 0;
    *number = number_of(data->carried, width);
    return true;
}

/* False when the piece ends first. */
static inline bool skip(struct piece *piece)
{
    uint64_t left = (uint64_t)(piece->end - piece->at);
    uint64_t skipped = piece->data->skipped_bytes < left ? piece->data->skipped_bytes : left;

    piece->at += skipped;
    piece->data->skipped_bytes -= skipped;
    return piece->data->skipped_bytes == 0 && piece->at < piece->end;
}

static bool read_signature(struct piece *piece, struct error *error)
{
    uint64_t at = piece->data->offset_bytes + (uint64_t)(piece->at - piece->bytes);

    if (*piece->at++ != signature[at])
        return fail(piece, "no signature", error);
    if (at + 1 == sizeof signature)
        piece->data->part = COPY_BINARY_FLAGS;
    return true;
}

static bool read_flags(struct piece *piece, struct error *error)
{
    uint32_t flags;

    if (!take_number(piece, 4, &flags))
        return true;
    piece->data->part = COPY_BINARY_EXTENSION;
    return (flags & critical_flags) == 0 || fail(piece, "unknown flags", error);
}

static bool read_extension(struct piece *piece, struct error *error)
{
    uint32_t length;

    if (!take_number(piece, 4, &length))
        return true;
    piece->data->part = COPY_BINARY_ROW;
    piece->data->skipped_bytes = length;
    return length <= INT32_MAX || fail(piece, "a header of impossible length", error);
}

/* All rows have the fields that the first one has. */
static inline bool read_row(struct piece *piece, struct error *error)
{
    struct copy_binary *data = piece->data;
    uint32_t fields;

    if (!take_number(piece, 2, &fields))
        return true;
    if (fields == END_OF_ROWS) {
        data->part = COPY_BINARY_NOTHING;
        return true;
    }
    if (fields > INT16_MAX || (data->rows > 0 && (int)fields != data->fields))
        return fail(piece, "a row with an impossible number of fields", error);
    data->fields = (int)fields;
    data->fields_left = (int)fields;
    data->part = COPY_BINARY_FIELD;
    return true;
}

static inline bool read_field(struct piece *piece, struct error *error)
{
    struct copy_binary *data = piece->data;
    uint32_t length;

    if (!take_number(piece, 4, &length))
        return true;
    data->fields_left--;
    if ((int32_t)length == NULL_LENGTH)
        return true;
    data->skipped_bytes = length;
    return length <= INT32_MAX || fail(piece, "a field of impossible length", error);
}

static inline bool read_part(struct piece *piece, struct error *error)
{
    switch (piece->data->part) {
    case COPY_BINARY_FIELD:
        return read_field(piece, error);
    case COPY_BINARY_ROW:
        return read_row(piece, error);
    case COPY_BINARY_SIGNATURE:
        return read_signature(piece, error);
    case COPY_BINARY_FLAGS:
        return read_flags(piece, error);
    case COPY_BINARY_EXTENSION:
        return read_extension(piece, error);
    case COPY_BINARY_NOTHING:
        break;
    }
    return fail(piece, "more behind its end", error);
}

/* A row is complete when the last of its bytes has been skipped. */
static inline bool end_row(struct copy_binary *data)
{
    if (data->part != COPY_BINARY_FIELD || data->fields_left > 0 || data->skipped_bytes > 0)
        return false;
    data->rows++;
    data->part = COPY_BINARY_ROW;
    return true;
}

/* Step by step to the end of a row, or of the piece. */
static bool walk(struct piece *piece, struct copy_binary_row *row, struct error *error)
{
    struct copy_binary *data = piece->data;
    const unsigned char *begin = piece->at;
    bool is_within_row = data->part == COPY_BINARY_FIELD;

    for (;;) {
        bool has_more = skip(piece);

        row->ends = end_row(data);
        if (row->ends || !has_more)
            break;
        if (!read_part(piece, error))
            return false;
        if (!is_within_row && data->part == COPY_BINARY_FIELD) {
            is_within_row = row->begins = true;
            begin = piece->at;
        }
    }
    if (is_within_row)
        row->bytes = (struct span){begin, (size_t)(piece->at - begin)};
    return true;
}

/* What nearly all rows are: whole in one piece. Whatever is strange is left to the walk. */
static inline bool take_whole_row(struct piece *piece, struct copy_binary_row *row)
{
    struct copy_binary *data = piece->data;
    const unsigned char *at = piece->at;
    const unsigned char *end = piece->end;

    if (data->part != COPY_BINARY_ROW || data->rows == 0 || data->carried_bytes > 0 ||
        data->skipped_bytes > 0 || end - at < 2 || (int)number_of(at, 2) != data->fields)
        return false;
    at += 2;
    for (int i = 0; i < data->fields; i++) {
        if (end - at < 4)
            return false;
        uint32_t length = number_of(at, 4);
        at += 4;
        if ((int32_t)length == NULL_LENGTH)
            continue;
        if (length > INT32_MAX || length > (size_t)(end - at))
            return false;
        at += length;
    }
    row->bytes = (struct span){piece->at, (size_t)(at - piece->at)};
    row->is_whole = true;
    piece->at = at;
    data->rows++;
    return true;
}

bool copy_binary_next(struct copy_binary *data, struct span *left, struct copy_binary_row *row,
                      struct error *error)
{
    struct piece piece = {
        .data = data, .bytes = left->data, .at = left->data, .end = left->data + left->length};

    *row = (struct copy_binary_row){.is_whole = false};
    if (!take_whole_row(&piece, row) && !walk(&piece, row, error))
        return false;
    size_t taken = (size_t)(piece.at - piece.bytes);
    data->offset_bytes += taken;
    *left = (struct span){left->data + taken, left->length - taken};
    return true;
}

bool copy_binary_read(struct copy_binary *data, const unsigned char *bytes, size_t length,
                      struct error *error)
{
    struct span left = {bytes, length};
    struct copy_binary_row row;

    while (left.length > 0) {
        if (!copy_binary_next(data, &left, &row, error))
            return false;
    }
    return true;
}

bool copy_binary_finish(const struct copy_binary *data, struct error *error)
{
    if (data->part == COPY_BINARY_NOTHING)
        return true;
    return error_set(error, ERROR_DAMAGED, "binary data ends before its rows do");
}
