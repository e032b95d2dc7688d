/* A file that only we and our children can read, in memory: whatever happens to us, nothing of it
 * is left on a disk. */
#ifndef PGFAST_DUMP_SECRET_FILE_H
#define PGFAST_DUMP_SECRET_FILE_H

#include "engine/base/error.h"
#include "engine/base/text.h"

enum { SECRET_FILE_PATH_BYTES = 32 };

struct secret_file {
    int descriptor;                    /* inherited by children */
    char path[SECRET_FILE_PATH_BYTES]; /* as a child opens it */
};

/* The content is wiped from `content`, whose memory stays the caller's. */
bool secret_file_open(struct secret_file *file, struct text *content,
                      struct error *error) MUST_CHECK;
void secret_file_close(struct secret_file *file); /* accepts a zeroed one */

#endif
