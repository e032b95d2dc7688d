/* A data file whose rows are read before the table of contents, and with it the file's entry and
 * name, is known. The coordinator says what becomes of it; workers look when it concerns them. */
#ifndef PGFAST_DUMP_EARLY_FILE_H
#define PGFAST_DUMP_EARLY_FILE_H

#include "engine/archive/toc.h"

#include <stdatomic.h>
#include <stdbool.h>

struct early_file {
    const char *name;                        /* meanwhile, without suffix */
    _Atomic(const struct toc_entry *) entry; /* NULL: not known (yet) */
    atomic_bool is_withdrawn;                /* nobody wants it: no part of the archive */
};

#endif
