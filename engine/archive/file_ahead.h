/* The bytes of a file in order, read ahead of their use through an I/O engine: so many requests are
 * in flight that a disk which likes depth is kept busy. One thread. */
#ifndef PGFAST_ARCHIVE_FILE_AHEAD_H
#define PGFAST_ARCHIVE_FILE_AHEAD_H

#include "engine/base/error.h"
#include "engine/base/span.h"

struct file_ahead;

/* Descriptor and name are lent; the name is for messages. */
bool file_ahead_open(struct file_ahead **file, int descriptor, const char *name,
                     struct error *error) MUST_CHECK;
void file_ahead_close(struct file_ahead *file); /* waits for what is in flight; accepts NULL */

/* Lent until the next call; of length 0 at the end. */
bool file_ahead_next(struct file_ahead *file, struct span *piece, struct error *error) MUST_CHECK;

#endif
