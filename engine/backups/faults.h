/* What is wrong with an archive, file by file: told as it is found, and counted. Each thread counts
 * for itself. */
#ifndef PGFAST_BACKUPS_FAULTS_H
#define PGFAST_BACKUPS_FAULTS_H

#include "engine/base/error.h"
#include "engine/base/event.h"

#include <stdint.h>

struct faults {
    struct event_stream *events; /* where they are told; lent */
    uint64_t count;
    struct error gravest; /* the first that is hostile, or else damage, or else any */
};

/* `object` names the file and what is in it. A message that names the file, too, is told without
 * that. */
void faults_tell(struct faults *faults, const char *object, const char *file_name,
                 const struct error *error);

void faults_add(struct faults *faults, const struct faults *others);

#endif
