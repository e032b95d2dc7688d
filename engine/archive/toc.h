/* The table of contents of an archive: an array of entries in restore order, found by dump id.
 * Built by one thread, then sealed: from there on const and readable by all. It owns an arena in
 * which everything it holds lives. What the archive says stands here; what a run knows about an
 * entry stands in that run's plan. */
#ifndef PGFAST_ARCHIVE_TOC_H
#define PGFAST_ARCHIVE_TOC_H

#include "engine/archive/entry_type.h"
#include "engine/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Archive versions by minor number: 1.12 (9.0) to 1.16 (17, 18). */
enum {
    TOC_VERSION_OLDEST = 12,
    TOC_VERSION_TABLEAM = 14,
    TOC_VERSION_CODEC = 15,
    TOC_VERSION_GROUPED_BLOBS = 16,
    TOC_VERSION_NEWEST = 16
};

enum toc_section {
    SECTION_NONE = 1,
    SECTION_PRE_DATA = 2,
    SECTION_DATA = 3,
    SECTION_POST_DATA = 4
};

struct toc_time { /* local time, as struct tm counts */
    int second, minute, hour, day, month, year, is_dst;
};

struct toc_header {
    int version_minor; /* 12 … 16 */
    int int_bytes;     /* as read; 4 is written */
    int offset_bytes;  /* as read; only custom archives hold offsets; 8 is written */
    int format;        /* as read: 3 in toc.dat of a directory; written so */
    int compression;   /* enum codec_id; from the level before 1.15 (0 none, other gzip) */
    struct toc_time created;
    const char *database;       /* NULL: not said */
    const char *server_version; /* free text, or NULL */
    const char *dump_version;
};

/* Strings are NULL where the archive has NULL, which is not the empty string. */
struct toc_entry {
    int dump_id;          /* > 0, unique */
    bool has_data;        /* "hadDumper": a data member belongs to it */
    uint32_t catalog_oid; /* of the catalog the object is in ("tableoid") */
    uint32_t oid;         /* TABLE DATA: the table's */
    enum entry_type type; /* of desc; ENTRY_UNKNOWN keeps its desc */
    enum toc_section section;
    const char *tag;
    const char *desc; /* never NULL */
    const char *definition;
    const char *drop_statement;
    const char *copy_statement;
    const char *schema; /* "namespace" */
    const char *tablespace;
    const char *table_am;
    int relkind; /* a pg_class.relkind character, or 0 */
    const char *owner;
    const int *dependencies; /* dump ids; may name entries that are not here */
    size_t dependency_count;
    const char *file_name; /* "" or NULL: no file */
};

struct toc {
    struct arena *arena;
    struct toc_header header;
    struct toc_entry **entries; /* in archive order */
    size_t count;
    size_t capacity;
    /* after toc_seal: */
    struct toc_entry **by_dump_id; /* [0 … largest_dump_id], NULL where there is none */
    int largest_dump_id;
};

struct toc *toc_create(void);
void toc_free(struct toc *toc); /* accepts NULL */

/* A zeroed entry at the end; the caller fills it, with strings from toc->arena. */
struct toc_entry *toc_add_entry(struct toc *toc);

/* One of another toc, which outlives this one; nobody changes it from here on. */
void toc_share_entry(struct toc *toc, struct toc_entry *entry);

/* Builds the index. ERROR_DAMAGED names a dump id that is out of range or used twice. */
bool toc_seal(struct toc *toc, struct error *error) MUST_CHECK;
const struct toc_entry *toc_find(const struct toc *toc, int dump_id); /* NULL: not here */

#endif
