/* Which archive is this? A digest that no other archive has: the seal of its manifest. Those of
 * pg_dump, which have none, are told apart by their table of contents and the sizes of their files,
 * without reading all of them. */
#ifndef PGFAST_ARCHIVE_IDENTITY_H
#define PGFAST_ARCHIVE_IDENTITY_H

#include "engine/archive/archive.h"
#include "engine/base/checksum.h"

bool archive_identify(const struct archive *archive, char text[CHECKSUM_TEXT_BYTES],
                      struct error *error) MUST_CHECK;

#endif
