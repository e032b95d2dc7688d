/* A finished archive, opened for reading: its folder, its table of contents, and its manifest where
 * it has one. Sealed: any number of threads may read from it. */
#ifndef PGFAST_ARCHIVE_ARCHIVE_H
#define PGFAST_ARCHIVE_ARCHIVE_H

#include "engine/archive/folder.h"
#include "engine/archive/manifest.h"
#include "engine/archive/toc.h"
#include "engine/base/error.h"

struct archive {
    struct folder *folder;
    struct toc *toc;
    struct manifest *manifest; /* NULL: made by pg_dump */
};

/* Reads the manifest and toc.dat (or toc.dat.gz, .lz4, .zst), and checks one against the other. */
bool archive_open(struct archive **archive, const char *path, struct error *error) MUST_CHECK;
void archive_close(struct archive *archive); /* accepts NULL */

/* What opening for salvage went past. Errors of no kind: nothing. */
struct archive_damage {
    bool is_unfinished;    /* the dump did not come to its end */
    struct error manifest; /* it tells nothing, as if there were none */
    struct error toc;      /* not what was written, but it can be read */
};

/* As archive_open, for whoever takes what is left of an archive. Without a table of contents that
 * can be read nothing is left. */
bool archive_open_for_salvage(struct archive **archive, const char *path,
                              struct archive_damage *damage, struct error *error) MUST_CHECK;

/* No manifest, but the list of sums that is written with one. */
bool archive_has_lost_manifest(const struct archive *archive);

/* With a manifest: every file listed is there in the size it was written. Names the first that is
 * not (ERROR_DAMAGED). Without: true. */
bool archive_check_sizes(const struct archive *archive, struct error *error) MUST_CHECK;

/* Bytes of the entry's data on disk, or with a manifest as it was written (0: none, or not there);
 * for BLOBS, the sum over its objects is estimated as the stock tools do. */
uint64_t archive_entry_stored_bytes(const struct archive *archive, const struct toc_entry *entry);

/* What the manifest says of the file of an entry's data, also where the file is gone; NULL:
 * nothing.
 */
const struct manifest_file *archive_entry_expectation(const struct archive *archive,
                                                      const struct toc_entry *entry);

/* The blob list file of a BLOBS entry: its own file name from 1.16 on, "blobs.toc" before. */
const char *archive_blob_list_name(const struct archive *archive, const struct toc_entry *entry);

#endif
