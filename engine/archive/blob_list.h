/* The lists around large objects: the oids in a BLOB METADATA definition (one a line), the ACL of a
 * group given for its first object only, and blobs*.toc ("oid file-name" a line). Pure text;
 * what cannot be understood is ERROR_DAMAGED, a name that leads elsewhere ERROR_HOSTILE. */
#ifndef PGFAST_ARCHIVE_BLOB_LIST_H
#define PGFAST_ARCHIVE_BLOB_LIST_H

#include "engine/archive/toc.h"
#include "engine/base/error.h"
#include "engine/base/span.h"
#include "engine/base/text.h"

#include <stdint.h>

enum { BLOB_FILE_NAME_BYTES = 64 }; /* with the final NUL */

struct blob_file {
    uint32_t oid;
    const char *odd_name; /* NULL: "blob_OID.dat", as everybody calls it */
};

/* "blob_4711.dat", in `room`, which is returned. */
const char *blob_file_usual_name(uint32_t oid, char room[BLOB_FILE_NAME_BYTES]);
/* A plain name within the archive; made in `room` where it is not an odd one. */
const char *blob_file_name(const struct blob_file *file, char room[BLOB_FILE_NAME_BYTES]);

/* The caller frees *oids / *files with free(), and odd names with them. */
bool blob_list_parse_oids(const char *definition, uint32_t **oids, size_t *count,
                          struct error *error) MUST_CHECK;
bool blob_list_parse_files(struct span bytes, struct blob_file **files, size_t *count,
                           struct error *error) MUST_CHECK;

/* Of two uint32_t, for qsort and bsearch: ascending. */
int blob_list_compare_oids(const void *one, const void *other);

/* Appends `acl` (GRANT/REVOKE statements on LARGE OBJECT first_oid) with the number replaced by
 * oid: only where the words LARGE OBJECT stand outside double quotes. */
void blob_list_acl_for(struct text *text, const char *acl, uint32_t oid);

#endif
