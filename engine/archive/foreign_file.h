/* What a file is that was given where the folder of an archive is expected. Pure. */
#ifndef PGFAST_ARCHIVE_FOREIGN_FILE_H
#define PGFAST_ARCHIVE_FOREIGN_FILE_H

#include "engine/base/span.h"

enum { FOREIGN_FILE_HEAD_BYTES = 512 }; /* of its beginning tell enough */

struct foreign_file {
    const char *what; /* "an archive in custom format" */
    const char *hint;
};

/* Never NULL: the last row is "a file". */
const struct foreign_file *foreign_file_recognise(struct span head);

#endif
