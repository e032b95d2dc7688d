/* Header and entries to bytes and back: toc.dat. No I/O; the parser takes anything,
 * from anybody: lengths are bounded by what is left of the input, required strings are required,
 * nothing recurses. */
#ifndef PGFAST_ARCHIVE_TOC_CODEC_H
#define PGFAST_ARCHIVE_TOC_CODEC_H

#include "engine/archive/toc.h"
#include "engine/base/error.h"
#include "engine/base/span.h"
#include "engine/base/text.h"

/* A sealed toc. Versions 1.12 to 1.16 of directory (or tar) archives. ERROR_DAMAGED tells the byte
 * offset, ERROR_UNSUPPORTED the version or format. Bytes behind the last entry are ignored, as the
 * stock tools do. */
bool toc_decode(struct toc **toc, struct span bytes, struct error *error) MUST_CHECK;

/* The same where it is too long to be held: `read` gives at least one byte, or tells that there is
 * no more (*got 0), or fails, which is then the failure of all. It is heard to its end. */
struct toc_source {
    bool (*read)(void *context, unsigned char *bytes, size_t room, size_t *got,
                 struct error *error);
    void *context;
};
bool toc_decode_from(struct toc **toc, const struct toc_source *source,
                     struct error *error) MUST_CHECK;

/* In the version of toc->header; the entries must be of that version's shape
 * (archive/toc_version.h). */
bool toc_encode(const struct toc *toc, struct text *bytes, struct error *error) MUST_CHECK;

#endif
