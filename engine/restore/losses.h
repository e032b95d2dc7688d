/* What a restore could not bring back because the archive is damaged, table by table: noted as it
 * is found, told at the end. Belongs to the coordinator. */
#ifndef PGFAST_RESTORE_LOSSES_H
#define PGFAST_RESTORE_LOSSES_H

#include "engine/archive/archive.h"
#include "engine/base/event.h"
#include "engine/restore/plan.h"

struct losses;

/* All three are lent. */
struct losses *losses_create(const struct plan *plan, const struct archive *archive,
                             struct event_stream *events);
void losses_free(struct losses *losses); /* accepts NULL */

/* A step whose file is damaged. No effect where it loads none. */
void losses_note(struct losses *losses, const struct plan_step *step);

/* "TABLE public.x: 1200 of 6000 rows are lost, with 3 of 15 files" for each, as a warning. */
void losses_tell(const struct losses *losses);

#endif
