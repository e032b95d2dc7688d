/* Reads the rows of one table's data file, in either of COPY's forms: in pieces that end with a row
 * wherever one fits, and without what stands around them, the line that closes stored text, or the
 * header and the end of binary data. Vouches for the file as the data reader below it does, and for
 * that end: the caller must not commit before it has seen it. One thread at a time. */
#ifndef PGFAST_ARCHIVE_ROW_READER_H
#define PGFAST_ARCHIVE_ROW_READER_H

#include "engine/archive/data_reader.h"
#include "engine/archive/row_digest.h"

#include <stdbool.h>
#include <stddef.h>

struct row_reader;

enum { ROW_READER_ROOM_LEAST = 64 };

/* From the beginning of `data`, which is lent. */
struct row_reader *row_reader_create(struct data_reader *data, enum row_form form);
void row_reader_free(struct row_reader *reader); /* accepts NULL */

/* At most `room` bytes into buffer; *ends_row is false where a row goes on in the next piece, which
 * happens only to one longer than the room. *length 0 at the end, which has then been verified. */
bool row_reader_read(struct row_reader *reader, unsigned char *buffer, size_t room, size_t *length,
                     bool *ends_row, struct error *error) MUST_CHECK;

#endif
