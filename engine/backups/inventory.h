/* What an archive consists of: every file that its table of contents, its lists of large objects
 * and its manifest speak of, each once, with what must be in it. Built by one thread, then const.
 */
#ifndef PGFAST_BACKUPS_INVENTORY_H
#define PGFAST_BACKUPS_INVENTORY_H

#include "engine/archive/archive.h"
#include "engine/archive/label.h"
#include "engine/backups/faults.h"
#include "engine/base/arena.h"

enum file_content {
    CONTENT_READ,      /* read and found right when the inventory was taken: toc.dat, lists */
    CONTENT_UNNAMED,   /* only the manifest speaks of it: its stored bytes are all that matters */
    CONTENT_BYTES,     /* nothing is known of them: large objects */
    CONTENT_COPY_TEXT, /* rows, and a line that ends them */
    CONTENT_COPY_BINARY,
    CONTENT_INSERTS /* of pg_dump --inserts */
};

struct archive_file {
    const char *name;                     /* with its suffix */
    const struct manifest_file *expected; /* NULL: there is no manifest */
    const struct toc_entry *entry;        /* whose data it holds; NULL: no entry's, or many's */
    uint32_t large_object;                /* its oid, or 0 */
    enum file_content content;
    uint64_t size_bytes; /* as found; 0: not there */
};

struct inventory {
    struct archive_file *files; /* by name */
    size_t count;
    size_t capacity;
    uint64_t size_bytes;        /* of all files */
    bool has_backslash_escapes; /* in CONTENT_INSERTS */
};

/* `arena` must outlive it. What does not fit together is told to `faults`; the files that it is
 * about are in the inventory all the same. */
void inventory_take(struct inventory *inventory, struct arena *arena, const struct archive *archive,
                    struct faults *faults);
bool inventory_has(const struct inventory *inventory, const char *name);
void inventory_clear(struct inventory *inventory);

/* 1.dat.zst (TABLE public.orders) */
void inventory_label(char label[LABEL_BYTES], const struct archive_file *file);

#endif
