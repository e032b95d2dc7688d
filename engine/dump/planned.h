/* The plan of a dump with all that it is made of: the table of contents in the version that will be
 * written, what was read early, and what the server says of the rest. On the coordinator. */
#ifndef PGFAST_DUMP_PLANNED_H
#define PGFAST_DUMP_PLANNED_H

#include "engine/dump/choices.h"
#include "engine/dump/early_reads.h"
#include "engine/dump/plan.h"

struct planned {
    struct toc *whole_toc; /* in the version that will be written; the plan points into it */
    struct toc *toc;       /* that will be written: with big tables in pieces */
    struct schema schema;
    struct dump_plan plan;
};

struct planned_request {
    const struct dump_options *options;
    const struct dump_choices *choices;
    const struct toc *definitions; /* as pg_dump wrote them */
    struct early_reads *early;     /* all is claimed or withdrawn here */
    struct session *coordinator;   /* in the snapshot's transaction */
    struct arena *arena;           /* outlives what is planned */
};

/* `planned` is zero before, and is cleared afterwards, also where this fails. */
bool planned_make(struct planned *planned, const struct planned_request *request,
                  struct error *error) MUST_CHECK;
void planned_clear(struct planned *planned);

#endif
