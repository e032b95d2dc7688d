/* Reads a list of large objects (blobs*.toc) from its archive. Bounded; fails as data_reader and
 * blob_list do. */
#ifndef PGFAST_ARCHIVE_BLOB_LIST_FILE_H
#define PGFAST_ARCHIVE_BLOB_LIST_FILE_H

#include "engine/archive/archive.h"
#include "engine/archive/blob_list.h"

/* The caller frees *files; NULL after a failure. */
bool blob_list_read(const struct archive *archive, const char *name, struct blob_file **files,
                    size_t *count, struct error *error) MUST_CHECK;

#endif
