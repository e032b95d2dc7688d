#include "engine/archive/row_digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned __int128 sum_of(const struct row_digest *digest)
{
    return (unsigned __int128)digest->sum_high << 64 | digest->sum_low;
}

static inline void add(struct row_digest *digest, uint64_t rows, unsigned __int128 hash)
{
    unsigned __int128 sum = sum_of(digest) + hash;

    digest->rows += rows;
    digest->sum_high = (uint64_t)(sum >> 64);
    digest->sum_low = (uint64_t)sum;
}

void row_digest_add(struct row_digest *digest, const struct row_digest *other)
{
    add(digest, other->rows, sum_of(other));
}

bool row_digest_is_equal(const struct row_digest *one, const struct row_digest *other)
{
    return one->rows == other->rows && sum_of(one) == sum_of(other);
}

void row_digest_print_sum(const struct row_digest *digest, char text[ROW_SUM_TEXT_BYTES])
{
    snprintf(text, ROW_SUM_TEXT_BYTES, "%016" PRIx64 "%016" PRIx64, digest->sum_high,
             digest->sum_low);
}

bool row_digest_parse_sum(struct row_digest *digest, const char *text)
{
    char half[17] = "";

    if (strlen(text) != ROW_SUM_TEXT_BYTES - 1 ||
        strspn(text, "0123456789abcdef") != ROW_SUM_TEXT_BYTES - 1)
        return false;
    memcpy(half, text, 16);
    digest->sum_high = strtoull(half, NULL, 16);
    digest->sum_low = strtoull(text + 16, NULL, 16);
    return true;
}

void row_digester_init(struct row_digester *digester, enum row_form form)
{
    digester->form = form;
    digester->digest = (struct row_digest){.rows = 0};
    digester->binary = (struct copy_binary){.rows = 0};
    digester->is_within_row = false;
}

/* Text */

/* The bytes of a row that does not lie whole in one piece. */
static void update_cut_line(struct row_digester *digester, struct span bytes)
{
    if (!digester->is_within_row)
        hash128_begin(&digester->row);
    digester->is_within_row = true;
    hash128_update(&digester->row, bytes.data, bytes.length);
}

static void end_cut_line(struct row_digester *digester)
{
    add(&digester->digest, 1, hash128_end(&digester->row));
    digester->is_within_row = false;
}

static void update_text(struct row_digester *digester, struct span left)
{
    const unsigned char *end = left.data + left.length;
    const unsigned char *at = left.data;
    const unsigned char *line_end;

    while (at < end && (line_end = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        size_t length = (size_t)(line_end - at);

        if (digester->is_within_row) {
            update_cut_line(digester, (struct span){at, length});
            end_cut_line(digester);
        } else {
            add(&digester->digest, 1, hash128_of(at, length));
        }
        at = line_end + 1;
    }
    if (at < end)
        update_cut_line(digester, (struct span){at, (size_t)(end - at)});
}

/* Binary */

static void begin_cut_tuple(struct row_digester *digester)
{
    const unsigned char fields[] = {(unsigned char)(digester->binary.fields >> 8),
                                    (unsigned char)digester->binary.fields};

    hash128_begin(&digester->row);
    hash128_update(&digester->row, fields, sizeof fields);
}

static void update_tuple(struct row_digester *digester, const struct copy_binary_row *row)
{
    if (row->is_whole) {
        add(&digester->digest, 1, hash128_of(row->bytes.data, row->bytes.length));
        return;
    }
    if (row->begins)
        begin_cut_tuple(digester);
    if (row->bytes.length > 0)
        hash128_update(&digester->row, row->bytes.data, row->bytes.length);
    if (row->ends)
        add(&digester->digest, 1, hash128_end(&digester->row));
}

static bool update_binary(struct row_digester *digester, struct span left, struct error *error)
{
    struct copy_binary_row row;

    while (left.length > 0) {
        if (!copy_binary_next(&digester->binary, &left, &row, error))
            return false;
        update_tuple(digester, &row);
    }
    return true;
}

/* Both */

bool row_digester_update(struct row_digester *digester, const void *bytes, size_t length,
                         struct error *error)
{
    const struct span piece = {bytes, length};

    if (digester->form == ROW_FORM_BINARY)
        return update_binary(digester, piece, error);
    update_text(digester, piece);
    return true;
}

bool row_digester_finish(const struct row_digester *digester, struct row_digest *digest,
                         struct error *error)
{
    if (digester->form == ROW_FORM_BINARY && !copy_binary_finish(&digester->binary, error))
        return false;
    if (digester->is_within_row)
        return error_set(error, ERROR_DAMAGED, "data ends within a row");
    *digest = digester->digest;
    return true;
}
