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

struct blob_file {
    uint32_t oid;
    char file_name[64]; /* checked: a plain name within the archive */
};

/* The caller frees *oids / *files with free(). */
bool blob_list_parse_oids(const char *definition, uint32_t **oids, size_t *count,
                          struct error *error) MUST_CHECK;
bool blob_list_parse_files(struct span bytes, struct blob_file **files, size_t *count,
                           struct error *error) MUST_CHECK;

/* Appends `acl` (GRANT/REVOKE statements on LARGE OBJECT first_oid) with the number replaced by
 * oid: only where the words LARGE OBJECT stand outside double quotes. */
void blob_list_acl_for(struct text *text, const char *acl, uint32_t oid);

#endif
