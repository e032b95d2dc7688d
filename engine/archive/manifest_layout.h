/* What the writer and the reader of a manifest's text have to agree on; nobody else includes it.
 *
 * The layout is fixed to the byte, so that the seal has a text to be of and a reader needs no more
 * memory than one line takes: members of the head, one file a line, and a tail of fixed length,
 * which all formats share. It is plain JSON for all others. */
#ifndef PGFAST_ARCHIVE_MANIFEST_LAYOUT_H
#define PGFAST_ARCHIVE_MANIFEST_LAYOUT_H

#include "engine/archive/manifest.h"

enum { FORMAT_VERSION = 2 };
#define FILES_BEGIN "\"files\": ["
#define FILES_END "\n]"
#define FRAMES_BEGIN ", \"frames\": "
#define TAIL_BEGIN ",\n\"seal\": \""
#define TAIL_END "\"\n}\n"
#define TAIL_LENGTH (sizeof(TAIL_BEGIN) - 1 + CHECKSUM_TEXT_BYTES - 1 + sizeof(TAIL_END) - 1)

/* What a reader must know of to vouch for an archive. A reader that lacks one must not pretend. */
extern const char *const manifest_capabilities[]; /* ends with NULL */

/* What a head may hold, by the field that holds it: texts (or null), and lists of texts. */
struct head_member {
    const char *key;
    size_t offset; /* in struct manifest */
};

extern const struct head_member manifest_head_texts[], manifest_head_lists[]; /* end without key */

#endif
