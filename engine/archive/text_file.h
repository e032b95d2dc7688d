/* A file of an archive that is written as a text and is too long to be held in memory: the lists of
 * a million entries. One thread, between begin and end; what goes wrong meanwhile is told at the
 * end. */
#ifndef PGFAST_ARCHIVE_TEXT_FILE_H
#define PGFAST_ARCHIVE_TEXT_FILE_H

#include "engine/archive/folder.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/text.h"

#include <stdint.h>

struct text_file {
    struct text text; /* what is appended here is written */
    struct folder *folder;
    const char *name;
    int descriptor;
    uint64_t size_bytes;       /* after text_file_digest: so far */
    struct checksum *checksum; /* NULL once it has been asked for */
    bool has_failed;
    struct error error;
};

/* The name is lent. A file that was begun must be ended. */
bool text_file_begin(struct text_file *file, struct folder *folder, const char *name,
                     struct error *error) MUST_CHECK;
/* Of all that was appended so far; once. */
void text_file_digest(struct text_file *file, char checksum[CHECKSUM_TEXT_BYTES]);
/* Synced, unless the folder was told not to. */
bool text_file_end(struct text_file *file, struct error *error) MUST_CHECK;

#endif
