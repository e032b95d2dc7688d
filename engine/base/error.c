#include "engine/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A message that was cut must not end in the middle of a UTF-8 character: it goes to terminals and
 * into JSON. */
static void drop_broken_character(char *text, size_t room_bytes)
{
    size_t length = strnlen(text, room_bytes);
    size_t start = length;

    while (start > 0 && length - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (length - (start - 1) < needed)
        text[start - 1] = '\0';
}

PRINTF_LIKE(3, 0)
static void print_into(char *buffer, size_t room_bytes, const char *format, va_list arguments)
{
    int length = vsnprintf(buffer, room_bytes, format, arguments);

    if (length >= (int)room_bytes)
        drop_broken_character(buffer, room_bytes);
}

static enum error_kind kind_of_errno(int os_errno)
{
    switch (os_errno) {
    case ENOSPC:
    case EDQUOT:
        return ERROR_NO_SPACE;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EAGAIN:
        return ERROR_RESOURCE;
    default:
        return ERROR_IO;
    }
}

bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
{
    char message[sizeof error->message];
    va_list arguments;

    /* Printed aside first: an argument may be the old message. */
    va_start(arguments, format);
    print_into(message, sizeof message, format, arguments);
    va_end(arguments);

    *error = (struct error){.kind = kind};
    memcpy(error->message, message, strlen(message) + 1);
    return false;
}

bool error_set_os(struct error *error, int os_errno, const char *format, ...)
{
    char reason_room[128];
    char what[sizeof error->message - sizeof reason_room]; /* the reason is never what gets cut */
    va_list arguments;

    va_start(arguments, format);
    print_into(what, sizeof what, format, arguments);
    va_end(arguments);

    /* strerror's own buffer is shared between threads; the GNU strerror_r answers where the text
     * is. */
    const char *reason = strerror_r(os_errno, reason_room, sizeof reason_room);
    error_set(error, kind_of_errno(os_errno), "%s: %s", what, reason);
    error->os_errno = os_errno;
    return false;
}

void error_prefix(struct error *error, const char *format, ...)
{
    char message[sizeof error->message];
    va_list arguments;

    va_start(arguments, format);
    print_into(message, sizeof message, format, arguments);
    va_end(arguments);

    size_t length = strlen(message);
    size_t room = sizeof message - length;
    if (snprintf(message + length, room, ": %s", error->message) >= (int)room)
        drop_broken_character(message, sizeof message);
    memcpy(error->message, message, strlen(message) + 1);
}

void error_hint(struct error *error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_into(error->hint, sizeof error->hint, format, arguments);
    va_end(arguments);
}
