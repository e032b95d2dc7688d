/* pgfast's own file beside toc.dat ("pgfast.manifest", JSON): what the format itself cannot say. An
 * archive of pgfast is complete if and only if it has its manifest; the stock tools ignore it;
 * archives of pg_dump have none. */
#ifndef PGFAST_ARCHIVE_MANIFEST_H
#define PGFAST_ARCHIVE_MANIFEST_H

#include "engine/archive/frame_index.h"
#include "engine/archive/row_digest.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/span.h"
#include "engine/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MANIFEST_FILE_NAME "pgfast.manifest"

/* For `sha256sum -c`: every file of the archive but this one, which cannot hold its own digest, and
 * the manifest, which holds that of this one and must come last. */
#define SUMS_FILE_NAME "SHA256SUMS"

struct manifest_file {
    const char *name; /* with its suffix */
    uint64_t size_bytes;
    uint64_t raw_bytes;   /* before compression */
    const char *checksum; /* of the stored bytes, CHECKSUM_TEXT_BYTES */
    bool has_rows;        /* those of one COPY; false for large objects and lists */
    struct row_digest digest;
    struct frame_index frames; /* none where the codec makes none */
};

struct manifest_texts { /* begins zeroed; in the manifest's arena */
    const char **items;
    size_t count, capacity;
};

struct manifest {
    struct arena *arena; /* owns all strings, and what a decoded manifest says of files */
    const char *pgfast_version;
    const char *pg_dump_version;
    const char *server_version;
    /* NULL in what follows: the server or the role's privileges do not let us know. */
    const char *system_identifier;
    const char *timeline;
    const char *database;
    const char *database_oid;
    const char *snapshot_lsn;  /* where the WAL was when the snapshot had been taken */
    const char *snapshot_time; /* then, by the server's clock; times are UTC, ISO 8601 */
    const char *started_at;
    const char *finished_at;
    const char *codec;     /* as -Z spells it, with the level */
    const char *time_zone; /* of the sessions; both decide what rows look like */
    const char *lc_monetary;
    struct manifest_texts options;  /* of the dump, as they are written on a command line */
    struct manifest_texts warnings; /* that it gave */
    struct manifest_texts losses;   /* rows that could not be read */
    struct manifest_file *files;
    size_t count;
    size_t capacity;
    bool is_sorted;                 /* by name, with no name twice; so it is once decoded */
    char seal[CHECKSUM_TEXT_BYTES]; /* once decoded: the digest of all before it, which tells this
                                       archive from any other */
};

struct manifest *manifest_create(void);
void manifest_free(struct manifest *manifest); /* accepts NULL */
/* A copy of the struct; what it points at must live as long as the manifest. */
void manifest_add_file(struct manifest *manifest, const struct manifest_file *file);

void manifest_add_text(struct manifest *manifest, struct manifest_texts *texts, const char *text);

/* By name. ERROR_DAMAGED: one of them is listed twice. */
bool manifest_sort(struct manifest *manifest, struct error *error) MUST_CHECK;

/* NULL: not listed. */
const struct manifest_file *manifest_find(const struct manifest *manifest, const char *name);

/* Are these the rows that were dumped into the file? NULL: nothing is known, so they may be.
 * ERROR_DAMAGED names the file. */
bool manifest_check_rows(const struct manifest_file *expected, const struct row_digest *digest,
                         struct error *error) MUST_CHECK;

/* JSON text, with a format version, a list of the capabilities that a reader needs, and as its last
 * member the seal: the checksum over all that stands before. One file a line, so that a million of
 * them can be read one by one. */
bool manifest_encode(const struct manifest *manifest, struct text *json,
                     struct error *error) MUST_CHECK;
/* The same where it is too long to be held, and its files are not in it: what stands before them,
 * each of them, what stands behind them; then the seal, which the caller has taken of all that. */
void manifest_encode_head(const struct manifest *manifest, struct text *json);
bool manifest_encode_file(const struct manifest_file *file, bool is_first, struct text *json,
                          struct error *error) MUST_CHECK;
void manifest_encode_end_of_files(struct text *json);
void manifest_encode_seal(struct text *json, const char *seal);
/* ERROR_DAMAGED when it is no manifest or its own checksum does not fit; ERROR_UNSUPPORTED names
 * the capability that we lack. */
bool manifest_decode(struct manifest **manifest, struct span json, struct error *error) MUST_CHECK;

#endif
