/* Reads many small files of an archive, large objects mostly, one after the other: buffers and
 * decoder stay, and a file's suffix is guessed from the one before. It vouches for a file as
 * data_reader does, before its content is given. One thread at a time. */
#ifndef PGFAST_ARCHIVE_OBJECT_READER_H
#define PGFAST_ARCHIVE_OBJECT_READER_H

#include "engine/archive/archive.h"
#include "engine/base/span.h"

struct object_reader;

struct object_content {
    bool is_whole;     /* false: too large for here; read it with data_reader */
    struct span bytes; /* decoded; lent until the next file is read */
    uint64_t stored_bytes;
};

struct object_reader *object_reader_create(const struct archive *archive);
void object_reader_free(struct object_reader *reader); /* accepts NULL */

/* `name` as the archive has it, without suffix. */
bool object_reader_read(struct object_reader *reader, const char *name,
                        struct object_content *content, struct error *error) MUST_CHECK;

#endif
