/* The files that a ring knows by number. The kernel takes hold of each once, instead of looking up
 * its descriptor, taking hold of it and letting it go for every request. Belongs to its engine. */
#ifndef PGFAST_IO_URING_FILES_H
#define PGFAST_IO_URING_FILES_H

#include "io/io_engine.h"

#include <liburing.h>

/* Large files that are written at a time are about as many as sessions; what is beyond that goes by
 * its descriptor. */
enum { URING_FILES_MAXIMUM = 64 };

struct uring_files {
    struct io_uring *ring;
    unsigned room;                        /* 0: the kernel refused */
    int descriptors[URING_FILES_MAXIMUM]; /* -1: free */
};

void uring_files_init(struct uring_files *files, struct io_uring *ring);
void uring_files_clear(struct uring_files *files);

unsigned uring_files_add(struct uring_files *files, int fd); /* 0: no room, or refused */
void uring_files_remove(struct uring_files *files, unsigned lent_file);

/* To a request that is prepared otherwise; one whose file is not lent stays as it is. */
void uring_files_prepare(const struct uring_files *files, const struct io_request *request,
                         struct io_uring_sqe *entry);

#endif
