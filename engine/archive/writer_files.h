/* The files of the writing stage: those that are being written, in any order, each with what only
 * that stage knows of it, and those that are finished and in no ledger, in order of finishing.
 * Belongs to the stage's thread. */
#ifndef PGFAST_ARCHIVE_WRITER_FILES_H
#define PGFAST_ARCHIVE_WRITER_FILES_H

#include "engine/archive/data_writer.h"
#include "engine/base/checksum.h"
#include "engine/flow/chunk.h"
#include "engine/flow/reorder.h"

#include <stddef.h>

/* What the writing stage knows of a file besides its numbers. */
struct data_file_progress {
    struct data_file *file;
    size_t place;              /* among those being written */
    struct reorder *reorder;   /* frames that came before their turn */
    struct checksum *checksum; /* of all that has its place in the file */
    int descriptor;            /* -1 once closed */
    unsigned transfers;        /* waiting or in flight */
    bool is_complete;          /* the last frame has its place */
    bool is_sync_begun;
    /* a file in blocks: */
    bool is_in_blocks;
    bool is_direct;
    unsigned lent_file;  /* to the I/O engine; 0: not */
    struct chunk *block; /* being filled, or NULL */
    uint64_t block_offset_bytes;
};

struct writer_files {
    struct folder *folder; /* lent */
    struct data_writer_outlet outlet;
    struct data_file_progress **begun;
    size_t begun_count, begun_capacity;
    struct data_file **finished;
    size_t finished_count, finished_capacity;
};

void writer_files_init(struct writer_files *files, struct folder *folder,
                       const struct data_writer_outlet *outlet);
/* Closes descriptors; the data files, their makers' own, must still be there. */
void writer_files_clear(struct writer_files *files);

/* Creates it in the folder; from here on the file has its progress. */
bool writer_files_begin(struct writer_files *files, struct data_file *file,
                        struct error *error) MUST_CHECK;
/* Closes it; from here on it has its checksum, and no progress. Where nothing about it remains to
 * be decided, it goes to the outlet. */
bool writer_files_finish(struct writer_files *files, struct data_file_progress *progress,
                         struct error *error) MUST_CHECK;

/* "could not write "dump/1.dat": …". Always false. */
bool writer_files_fail(const struct writer_files *files, const struct data_file *file, int os_errno,
                       const char *could_not, struct error *error);

#endif
