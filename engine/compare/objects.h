/* Large objects: which there are in the archive and in the database, and what each of them holds.
 * An object takes a few words here, whatever its size. The list is made by one thread; then any
 * number add what they read, page by page, in any order. */
#ifndef PGFAST_COMPARE_OBJECTS_H
#define PGFAST_COMPARE_OBJECTS_H

#include "engine/archive/large_object_pages.h"
#include "engine/base/span.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the content: zeros that nobody has written weigh nothing, so that one with holes equals the
 * same with zeros. */
struct object_digest {
    _Atomic uint64_t length;
    _Atomic uint64_t sums[2];
};

struct compared_object {
    uint32_t oid;
    bool is_archived, is_live;
    bool is_unread; /* in part, or altogether: it could not be compared */
    struct object_digest archived, live;
};

struct compared_objects {
    struct compared_object *items; /* by oid */
    size_t count;
};

/* Both in any order, with repetitions. */
void compared_objects_make(struct compared_objects *objects, const uint32_t *archived,
                           size_t archived_count, const uint32_t *live, size_t live_count);
void compared_objects_clear(struct compared_objects *objects);
struct compared_object *compared_objects_find(const struct compared_objects *objects,
                                              uint32_t oid); /* NULL: not there */

/* Bytes at an offset that is a whole number of pages; all but the last of an object are whole
 * pages, too. */
void object_digest_add(struct object_digest *digest, uint64_t offset, struct span bytes);
bool object_digest_is_equal(const struct object_digest *one, const struct object_digest *other);

#endif
