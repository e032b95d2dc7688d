/* Contents of large objects as rows of the catalog that holds them, by COPY: for a superuser only,
 * and many times as fast as any function. Makes no object. One
 * session's. */
#ifndef PGFAST_RESTORE_PAGE_COPY_H
#define PGFAST_RESTORE_PAGE_COPY_H

#include "engine/base/span.h"
#include "engine/restore/target.h"

struct page_copy {
    struct session *session;
    unsigned char *buffer; /* PAGE_COPY_BUFFER_BYTES */
    size_t length;
};

enum { PAGE_COPY_BUFFER_BYTES = 256 * 1024 };

/* May this session's COPY write pages, and are they as large there as in an archive? */
bool page_copy_is_possible(const struct target *target);

/* With the BEGIN of a transaction before it, unless one holds the whole restore. `buffer` is lent
 * until the end. After a failure in between, copy_in_abort. */
bool page_copy_begin(struct page_copy *copy, struct target *target, unsigned char *buffer,
                     struct error *error) MUST_CHECK;
/* `offset` is where a page begins, and only at the end of an object may the last page be short. */
bool page_copy_add(struct page_copy *copy, uint32_t oid, uint64_t offset, struct span bytes,
                   struct error *error) MUST_CHECK;
bool page_copy_end(struct page_copy *copy, struct error *error) MUST_CHECK;

/* COPY makes pages of whatever oid. ERROR_SERVER names the first of these objects that is not
 * there.
 */
bool page_copy_check_objects(struct target *target, const uint32_t *oids, size_t count,
                             struct error *error) MUST_CHECK;

#endif
