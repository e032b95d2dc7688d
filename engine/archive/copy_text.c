#include "engine/archive/copy_text.h"

#include <string.h>

static const unsigned char end_line[COPY_TEXT_END_BYTES] = "\n\\.\n\n\n";
static const unsigned char end_mark[] = {'\\', '.', '\n'};

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

/* Servers up to 17 take it for the end behind a row's bytes as well. Behind a backslash it is none,
 * and nobody can tell where the byte before it may be the first half of a character. */
static bool is_end_mark(const unsigned char *bytes, size_t at, enum copy_text_place place)
{
    if (at == 0)
        return place == COPY_TEXT_BEGINNING;
    return bytes[at - 1] != '\\' && bytes[at - 1] < 0x80;
}

/* A server that meets the end stops reading there, without a word about what follows. */
static bool check_has_no_end(const unsigned char *bytes, size_t length, enum copy_text_place place,
                             struct error *error)
{
    const unsigned char *end = bytes + length;
    const unsigned char *mark = bytes;

    while ((mark = memmem(mark, (size_t)(end - mark), end_mark, sizeof end_mark)) != NULL) {
        if (is_end_mark(bytes, (size_t)(mark - bytes), place))
            return fail_early(error);
        mark++;
    }
    return true;
}

bool copy_text_rows(const unsigned char *bytes, size_t length, enum copy_text_place place,
                    size_t *rows_bytes, struct error *error)
{
    *rows_bytes = 0;
    if (length <= COPY_TEXT_END_BYTES)
        return true;
    *rows_bytes = length - COPY_TEXT_END_BYTES;

    /* What stands first among the kept bytes is behind a row's byte only now. */
    return check_has_no_end(bytes, *rows_bytes + sizeof end_mark, place, error) &&
           check_is_text(bytes, *rows_bytes, error);
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
    return check_has_no_end(bytes, *rows_bytes, place, error) &&
           check_is_text(bytes, *rows_bytes, error);
}
