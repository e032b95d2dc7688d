#include "cli/log.h"

#include "engine/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAXIMUM_BYTES ((size_t)16 * 1024)

/* Messages of libpq and the server may have several lines, indented by tabs: here they become one.
 */
static void append_as_one_line(struct text *line, const char *message)
{
    while (*message != '\0') {
        size_t length = strcspn(message, "\r\n\t");

        text_append_escaped_bytes(line, message, length);
        message += length;
        size_t blanks = strspn(message, "\r\n\t");
        message += blanks;
        if (blanks > 0 && *message != '\0')
            text_append_char(line, ' ');
    }
}

/* Written in one piece: a line must not be torn by lines of other programs on the same terminal. */
static void write_line(const char *label, const char *message)
{
    struct text line;

    text_init(&line, LINE_MAXIMUM_BYTES);
    text_append(&line, "pgfast: ");
    text_append(&line, label);
    append_as_one_line(&line, message);
    fprintf(stderr, "%s\n", line.data);
    text_clear(&line);
}

PRINTF_LIKE(2, 0)
static void print_line(const char *label, const char *format, va_list arguments)
{
    char message[2048];

    vsnprintf(message, sizeof message, format, arguments);
    write_line(label, message);
}

void log_line(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_line("", format, arguments);
    va_end(arguments);
}

void log_warning(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_line("warning: ", format, arguments);
    va_end(arguments);
}

void log_hint(const char *hint)
{
    if (hint[0] != '\0')
        write_line("hint: ", hint);
}

void log_failure(const char *label, const char *what)
{
    char start[32];

    snprintf(start, sizeof start, "%s: ", label);
    write_line(start, what);
}

void log_error(const struct error *error)
{
    struct text message;

    text_init(&message, LINE_MAXIMUM_BYTES);
    text_append(&message, error->message);
    if (error->sqlstate[0] != '\0')
        text_print(&message, " (%s)", error->sqlstate);
    write_line("error: ", message.data);
    log_hint(error->hint);
    text_clear(&message);
}
