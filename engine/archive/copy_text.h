/* Where the rows end in the stored text of a COPY: it closes with a line `\.` and two line breaks,
 * which the server must not get, and without which the rows are not all there. Pure. */
#ifndef PGFAST_ARCHIVE_COPY_TEXT_H
#define PGFAST_ARCHIVE_COPY_TEXT_H

#include "engine/base/error.h"

#include <stddef.h>

/* Line break, `\.`, and three line breaks: what has to be kept back until more is known. */
enum { COPY_TEXT_END_BYTES = 6 };

enum copy_text_place { COPY_TEXT_BEGINNING, COPY_TEXT_MIDDLE };

/* How many of the bytes are rows for certain. The caller keeps the others and adds what comes next
 * behind them. Place: are these the first bytes of the text? ERROR_DAMAGED: it ends too early. */
bool copy_text_rows(const unsigned char *bytes, size_t length, enum copy_text_place place,
                    size_t *rows_bytes, struct error *error) MUST_CHECK;

/* The same for the last bytes of the text. ERROR_DAMAGED: the end is missing. */
bool copy_text_last_rows(const unsigned char *bytes, size_t length, enum copy_text_place place,
                         size_t *rows_bytes, struct error *error) MUST_CHECK;

#endif
