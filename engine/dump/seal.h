/* Makes a finished archive of the files that the flow has written: lists of large objects, the
 * table of contents, SHA256SUMS, the manifest, and the name; in this order, so that nothing takes
 * an unfinished one for whole. */
#ifndef PGFAST_DUMP_SEAL_H
#define PGFAST_DUMP_SEAL_H

#include "engine/archive/data_writer.h"
#include "engine/archive/folder.h"
#include "engine/archive/manifest.h"
#include "engine/dump/plan.h"
#include "engine/dump/run.h"

struct seal_request {
    struct folder *folder;
    const struct dump_plan *plan;
    const struct data_writer *writer; /* finished */
    struct file_ledger *ledger;       /* the files in it are decided; the others are added here */
    struct manifest *manifest;        /* identity filled in, without files */
    struct dump_totals *totals;
};

bool seal_archive(const struct seal_request *request, struct error *error) MUST_CHECK;

#endif
