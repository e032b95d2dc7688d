/* Rewrites a table of contents for an older reader. What 1.16 added (BLOB METADATA groups with
 * several BLOBS, relkind with SET ACCESS METHOD for partitioned tables) is expressed in the older
 * shape without loss; 1.14 and 1.15 differ in the header only. */
#ifndef PGFAST_ARCHIVE_TOC_VERSION_H
#define PGFAST_ARCHIVE_TOC_VERSION_H

#include "engine/archive/toc.h"
#include "engine/base/error.h"

/* The lowest archive version whose readers know the codec: 1.14 for none and gzip (pg_restore
 * 12), 1.15 for lz4 and zstd (16). */
int toc_version_for_codec(int codec_id);

/* A new sealed toc of version_minor (14, 15 or 16); `toc` stays untouched, and outlives it, for the
 * new one shares what does not change. From 1.14/1.15 upwards only the header changes (their entry
 * shapes are readable in 1.15 only: asking 16 of such a toc gives 15). Large objects: what concerns
 * them moves to the end of the pre-data section, still in groups, which writing takes apart
 * (archive/toc_expansion.h), and all BLOBS entries become one with file name "blobs.toc". */
bool toc_rewrite_for_version(struct toc **rewritten, const struct toc *toc, int version_minor,
                             struct error *error) MUST_CHECK;

#endif
