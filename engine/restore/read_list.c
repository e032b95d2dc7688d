#include "engine/restore/read_list.h"

#include "engine/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A line of this list tells of one entry; no archive has so many. */
#define LIST_MAXIMUM_BYTES ((size_t)256 << 20)

/* As a text in UTF-16 does, which a redirection in PowerShell makes. What is behind it would be
 * lost, and with it entries that somebody wants. */
static bool refuse_zero_byte(const char *path, struct error *error)
{
    error_set(error, ERROR_USAGE, "list file \"%s\" holds a zero byte, which no text does", path);
    error_hint(error, "Save it as UTF-8.");
    return false;
}

bool read_list(const char **text, struct arena *arena, const char *path, struct error *error)
{
    char piece[8192];
    struct text whole;
    size_t length;

    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_set_os(error, errno, "could not open list file \"%s\"", path);

    text_init(&whole, LIST_MAXIMUM_BYTES);
    while ((length = fread(piece, 1, sizeof piece, file)) > 0)
        text_append_bytes(&whole, piece, length);
    bool is_read = !ferror(file);
    if (!is_read)
        error_set_os(error, errno, "could not read list file \"%s\"", path);
    else if (whole.is_cut)
        is_read = error_set(error, ERROR_USAGE, "list file \"%s\" is too long", path);
    else if (memchr(whole.data, '\0', whole.length_bytes) != NULL)
        is_read = refuse_zero_byte(path, error);
    else
        *text = arena_copy_bytes(arena, whole.data, whole.length_bytes);
    fclose(file);
    text_clear(&whole);
    return is_read;
}
