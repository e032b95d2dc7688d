/* pgfast's own file beside toc.dat ("pgfast.manifest", JSON): what the format itself cannot say. An
 * archive of pgfast is complete if and only if it has its manifest; the stock tools ignore it;
 * archives of pg_dump have none. */
#ifndef PGFAST_ARCHIVE_MANIFEST_H
#define PGFAST_ARCHIVE_MANIFEST_H

#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/span.h"
#include "engine/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MANIFEST_FILE_NAME "pgfast.manifest"

struct manifest_file {
    const char *name; /* with its suffix */
    uint64_t size_bytes;
    uint64_t raw_bytes; /* before compression; equals size_bytes for toc.dat and blob lists */
    uint64_t rows;      /* of COPY; 0 for large objects and toc files */
    uint64_t frames;
    char checksum[CHECKSUM_TEXT_BYTES]; /* of the stored bytes */
};

struct manifest {
    struct arena *arena; /* owns all strings */
    const char *pgfast_version;
    const char *pg_dump_version;
    const char *server_version;
    const char *database;
    const char *system_identifier; /* NULL where the role may not read it */
    const char *snapshot_lsn;      /* NULL on servers that do not tell */
    const char *started_at;        /* UTC, ISO 8601 */
    const char *finished_at;
    const char *codec; /* as -Z spells it, with the level */
    struct manifest_file *files;
    size_t count;
    size_t capacity;
    bool is_sorted; /* by name, with no name twice; so it is once decoded */
};

struct manifest *manifest_create(void);
void manifest_free(struct manifest *manifest); /* accepts NULL */
void manifest_add_file(struct manifest *manifest, const struct manifest_file *file);

/* NULL: not listed. */
const struct manifest_file *manifest_find(const struct manifest *manifest, const char *name);

/* JSON text, with a format version, a list of the capabilities that a reader needs, and as its last
 * member a checksum over all that stands before. One file a line, so that a million of them can be
 * read one by one. */
bool manifest_encode(const struct manifest *manifest, struct text *json,
                     struct error *error) MUST_CHECK;
/* ERROR_DAMAGED when it is no manifest or its own checksum does not fit; ERROR_UNSUPPORTED names
 * the capability that we lack. */
bool manifest_decode(struct manifest **manifest, struct span json, struct error *error) MUST_CHECK;

#endif
