/* Cuts the data of `pg_dump --inserts` into statements: at semicolons outside quotes, in a text
 * that comes in pieces. It holds INSERT commands only, hence no comments, no dollar quotes. Pure.
 */
#ifndef PGFAST_ARCHIVE_INSERT_TEXT_H
#define PGFAST_ARCHIVE_INSERT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct insert_text {
    bool has_backslash_escapes; /* standard_conforming_strings is off */
    char quote;                 /* the one that is open, or 0 */
    bool is_escaped;            /* the next character in a string is */
    bool is_inside;             /* a statement has begun and not ended */
};

/* The bytes up to and with the last semicolon that ends a statement; 0: there is none among them.
 */
size_t insert_text_scan(struct insert_text *scan, const char *bytes, size_t length);

/* True where the text may end. */
bool insert_text_is_complete(const struct insert_text *scan);

#endif
