/* Reads along in the data of a COPY in binary format, from length to length: counts its rows, and
 * knows whether their end has come, which a server that loads them does not mind to miss. The data
 * comes in pieces of any size, from anybody. Pure; no values are looked at. */
#ifndef PGFAST_ARCHIVE_COPY_BINARY_H
#define PGFAST_ARCHIVE_COPY_BINARY_H

#include "engine/base/error.h"
#include "engine/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Signature, flags, and the length of an extension, which no server writes. */
enum { COPY_BINARY_HEADER_BYTES = 19, COPY_BINARY_TRAILER_BYTES = 2 };

/* What stands before and behind rows that are sent as a COPY of their own. */
extern const unsigned char copy_binary_header[COPY_BINARY_HEADER_BYTES];
extern const unsigned char copy_binary_trailer[COPY_BINARY_TRAILER_BYTES];

enum copy_binary_part {
    COPY_BINARY_SIGNATURE,
    COPY_BINARY_FLAGS,
    COPY_BINARY_EXTENSION,
    COPY_BINARY_ROW,
    COPY_BINARY_FIELD,
    COPY_BINARY_NOTHING /* the end has come */
};

/* Begins zeroed. */
struct copy_binary {
    enum copy_binary_part part; /* which comes next, behind what is skipped */
    uint64_t rows;              /* complete ones */
    uint64_t offset_bytes;      /* of what has been read */
    uint64_t skipped_bytes;     /* still to be skipped: the value of a field */
    int fields, fields_left;    /* of a row; of this row */
    unsigned char carried[4];   /* the first bytes of a number that a piece has cut */
    unsigned carried_bytes;
};

/* What a step has found of a row. */
struct copy_binary_row {
    struct span bytes; /* all of it; of a row that the end of a piece has cut, or may have, what
                          lies here of it behind its field count */
    bool is_whole;     /* all of it is here */
    bool begins, ends; /* otherwise: its field count is known now (copy_binary.fields); complete */
};

/* Takes from the front of *left, which is not empty, what belongs to one row, and what stands
 * before it. */
bool copy_binary_next(struct copy_binary *data, struct span *left, struct copy_binary_row *row,
                      struct error *error) MUST_CHECK;

/* The next piece, for those who only count. ERROR_DAMAGED tells the offset of what cannot be. */
bool copy_binary_read(struct copy_binary *data, const unsigned char *bytes, size_t length,
                      struct error *error) MUST_CHECK;

/* There is no more. ERROR_DAMAGED: but there should be. */
bool copy_binary_finish(const struct copy_binary *data, struct error *error) MUST_CHECK;

#endif
