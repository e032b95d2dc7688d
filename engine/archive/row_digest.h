/* What tells whether the same rows are there, in whatever order: how many, and the sum mod 2^128 of
 * the XXH3-128 of each row's bytes as COPY sends it (text: the line without its line break; binary:
 * the tuple from its field count on). A sum, because of an XOR two equal rows would be lost. Pure.
 */
#ifndef PGFAST_ARCHIVE_ROW_DIGEST_H
#define PGFAST_ARCHIVE_ROW_DIGEST_H

#include "engine/archive/copy_binary.h"
#include "engine/base/error.h"
#include "engine/base/hash128.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROW_SUM_TEXT_BYTES 33 /* 32 hex digits and the final NUL */

enum row_form { ROW_FORM_TEXT, ROW_FORM_BINARY };

struct row_digest {
    uint64_t rows;
    uint64_t sum_high, sum_low;
};

/* The sum of both, in *digest. */
void row_digest_add(struct row_digest *digest, const struct row_digest *other);
bool row_digest_is_equal(const struct row_digest *one, const struct row_digest *other);

/* The sum alone, in hex digits; parsing is false for anything else. */
void row_digest_print_sum(const struct row_digest *digest, char text[ROW_SUM_TEXT_BYTES]);
bool row_digest_parse_sum(struct row_digest *digest, const char *text) MUST_CHECK;

/* Of the rows of one COPY, which come in pieces cut anywhere: text without the closing line `\.`,
 * binary with its header and its end. A value: nothing to be freed, but once begun it must stay
 * where it is. One thread at a time. */
struct row_digester {
    enum row_form form;
    struct row_digest digest;
    struct copy_binary binary;
    bool is_within_row; /* text: the last piece ended in one */
    struct hash128 row; /* that a piece has cut */
};

void row_digester_init(struct row_digester *digester, enum row_form form);

/* ERROR_DAMAGED: binary data that cannot be. Of text, all can. */
bool row_digester_update(struct row_digester *digester, const void *bytes, size_t length,
                         struct error *error) MUST_CHECK;

/* ERROR_DAMAGED: the last row is not complete, or binary data has no end. */
bool row_digester_finish(const struct row_digester *digester, struct row_digest *digest,
                         struct error *error) MUST_CHECK;

#endif
