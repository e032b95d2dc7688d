/* The special entries of an archive (ENCODING, STDSTRINGS, SEARCHPATH) as values. Their text is
 * never run: an archive may come from anybody, and these run in every session first of all. */
#ifndef PGFAST_SQL_ARCHIVE_SETTINGS_H
#define PGFAST_SQL_ARCHIVE_SETTINGS_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"

#include <stdbool.h>

struct archive_settings {
    const char *encoding; /* letters, digits, "_" and "-" only */
    bool conforming_strings;
    const char *search_path; /* NULL: the archive has none */
};

bool archive_settings_read(struct archive_settings *settings, struct arena *arena,
                           const struct toc *toc, struct error *error) MUST_CHECK;

#endif
