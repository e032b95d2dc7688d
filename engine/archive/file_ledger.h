/* The files of an archive that is being written, and their numbers, in the order in which they were
 * added. A million of them would take more memory than the dump itself, so only the latest are
 * held; the others lie in a file without a name in the archive's folder, which is gone with the
 * ledger. One thread at a time. */
#ifndef PGFAST_ARCHIVE_FILE_LEDGER_H
#define PGFAST_ARCHIVE_FILE_LEDGER_H

#include "engine/archive/folder.h"
#include "engine/archive/manifest.h"

struct file_ledger;

struct file_ledger *file_ledger_create(struct folder *folder); /* lent */
void file_ledger_free(struct file_ledger *ledger);             /* accepts NULL */

/* A copy of all that it points at. */
bool file_ledger_add(struct file_ledger *ledger, const struct manifest_file *file,
                     struct error *error) MUST_CHECK;
size_t file_ledger_count(const struct file_ledger *ledger);

/* Reading from the first on; nothing is added meanwhile. False at the end, and where it fails,
 * which file_ledger_end_reading tells. What *file points at is lent until the next one is read. */
void file_ledger_begin_reading(struct file_ledger *ledger);
bool file_ledger_read(struct file_ledger *ledger, struct manifest_file *file) MUST_CHECK;
bool file_ledger_end_reading(struct file_ledger *ledger, struct error *error) MUST_CHECK;

#endif
