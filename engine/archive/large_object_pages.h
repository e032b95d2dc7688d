/* Large objects "packed": their pages as rows of the catalog that holds them, in data entries like
 * those of any table. The stock tools load them so as a superuser. The entries that create the
 * objects stay what they are; the catalog's rows alone make no object. */
#ifndef PGFAST_ARCHIVE_LARGE_OBJECT_PAGES_H
#define PGFAST_ARCHIVE_LARGE_OBJECT_PAGES_H

#include "engine/archive/toc.h"

#include <stdbool.h>

#define LARGE_OBJECT_PAGES_SCHEMA "pg_catalog"
#define LARGE_OBJECT_PAGES_TABLE "pg_largeobject"
#define LARGE_OBJECT_PAGES_COPY "COPY pg_catalog.pg_largeobject (loid, pageno, data) FROM stdin;\n"

/* A page is a quarter of a server's block, and no archive says how large that was: it is always
 * that of 8 kB. */
enum {
    LARGE_OBJECT_PAGE_BYTES = 2048,
    LARGE_OBJECT_PAGES_BLOCK_BYTES = 8192,
    LARGE_OBJECT_PAGES_TABLE_OID = 2613 /* on every server */
};

bool large_object_pages_is_entry(const struct toc_entry *entry);

#endif
