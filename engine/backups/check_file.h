/* Vouches for one file of an archive, or says what is wrong with it. */
#ifndef PGFAST_BACKUPS_CHECK_FILE_H
#define PGFAST_BACKUPS_CHECK_FILE_H

#include "engine/backups/inventory.h"
#include "engine/flow/watch.h"

enum { CHECK_BUFFER_BYTES = 1024 * 1024 };

/* What a thread checks with. */
struct checker {
    const struct archive *archive;
    const struct inventory *inventory;
    struct watch *watch;   /* counts what is read, and may end it */
    unsigned char *buffer; /* of CHECK_BUFFER_BYTES; its own */
    unsigned decoders;     /* threads besides, for a file that is decoded; usually 0 */
    bool is_deep;
};

/* The stored bytes are as many as were written, with the checksum they were written with; deep, or
 * where there is no manifest, the file is decoded, too: its last frame is complete, and in it are
 * the rows that were written (*rows of them), and their end. ERROR_CANCELLED: the watch has ended
 * it. */
bool check_file(const struct checker *checker, const struct archive_file *file, uint64_t *rows,
                struct error *error) MUST_CHECK;

#endif
