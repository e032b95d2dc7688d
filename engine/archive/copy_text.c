#include "engine/archive/copy_text.h"

#include <string.h>

static const unsigned char end_line[COPY_TEXT_END_BYTES] = "\n\\.\n\n\n";
enum { LINE_BYTES = 4 }; /* of end_line, up to where its line is complete */

static bool fail_early(struct error *error)
{
    return error_set(error, ERROR_DAMAGED, "data does not end where its last line \"\\.\" says");
}

/* Where a disk has lost a sector. No text of any encoding holds a zero byte. */
static bool check_is_text(const unsigned char *bytes, size_t length, struct error *error)
{
    return memchr(bytes, '\0', length) == NULL ||
           error_set(error, ERROR_DAMAGED, "data holds a zero byte, which no text does");
}

/* A server that meets the last line stops reading there, without a word about what follows. */
bool copy_text_rows(const unsigned char *bytes, size_t length, enum copy_text_place place,
                    size_t *rows_bytes, struct error *error)
{
    *rows_bytes = 0;
    if (length <= COPY_TEXT_END_BYTES)
        return true;
    *rows_bytes = length - COPY_TEXT_END_BYTES;

    /* A match that begins in the kept bytes is found when they come again. */
    size_t searched = *rows_bytes + LINE_BYTES - 1;
    if (memmem(bytes, searched, end_line, LINE_BYTES) != NULL)
        return fail_early(error);
    if (place == COPY_TEXT_BEGINNING && memcmp(bytes, end_line + 1, LINE_BYTES - 1) == 0)
        return fail_early(error);
    return check_is_text(bytes, *rows_bytes, error);
}

bool copy_text_last_rows(const unsigned char *bytes, size_t length, enum copy_text_place place,
                         size_t *rows_bytes, struct error *error)
{
    const size_t bare_bytes = COPY_TEXT_END_BYTES - 1;

    *rows_bytes = 0;
    if (place == COPY_TEXT_BEGINNING && length == bare_bytes &&
        memcmp(bytes, end_line + 1, bare_bytes) == 0)
        return true; /* not one row */
    if (length < COPY_TEXT_END_BYTES ||
        memcmp(bytes + length - COPY_TEXT_END_BYTES, end_line, COPY_TEXT_END_BYTES) != 0)
        return error_set(error, ERROR_DAMAGED, "data does not end with the line \"\\.\"");
    *rows_bytes = length - bare_bytes; /* the line break belongs to the last row */
    return check_is_text(bytes, *rows_bytes, error);
}
