/* Header and entries to bytes and back: toc.dat. No I/O, spans only; the parser takes anything,
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

/* In the version of toc->header; the entries must be of that version's shape
 * (archive/toc_version.h). */
bool toc_encode(const struct toc *toc, struct text *bytes, struct error *error) MUST_CHECK;

#endif
