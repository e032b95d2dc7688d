/* Reads SQL that pg_dump wrote, word by word. Each function goes past what it is asked for, or
 * returns false: then the text is not of the form expected, and where the scanner stands says
 * nothing. Pure. */
#ifndef PGFAST_ARCHIVE_SCANNER_H
#define PGFAST_ARCHIVE_SCANNER_H

#include "engine/base/span.h"

#include <stdbool.h>

struct scanner {
    const char *rest; /* what is still to be read */
};

/* Exactly these bytes. False leaves the scanner where it is. */
bool scanner_take_words(struct scanner *scanner, const char *words);
void scanner_skip_blanks(struct scanner *scanner);
/* A name as pg_dump quotes it. */
bool scanner_take_name(struct scanner *scanner);
/* A name, or several with dots between them. */
bool scanner_take_relation(struct scanner *scanner, struct span *relation);
/* Names in parentheses, which are part of the span; *columns is left as it is where there are none.
 */
bool scanner_take_columns(struct scanner *scanner, struct span *columns);

#endif
