/* What the steps of a plan lock in the server, so that the schedule lets none wait for another
 * there. Pure. */
#ifndef PGFAST_RESTORE_PLAN_LOCKS_H
#define PGFAST_RESTORE_PLAN_LOCKS_H

#include "engine/restore/plan_builder.h"

/* All add to the locks of the node that is being made. Tables are numbered as in the graph. */
void plan_locks_add(struct plan_builder *builder, size_t number, enum lock_mode mode);
void plan_locks_add_dependency(struct plan_builder *builder, const struct toc_entry *entry,
                               int dump_id);
void plan_locks_add_first_half(struct plan_builder *builder, const struct plan_step *step);
void plan_locks_add_second_half(struct plan_builder *builder, const struct plan_step *step);

/* A copy of them in the arena; NULL: none. */
const struct schedule_lock *plan_locks_seal(const struct plan_builder *builder);

#endif
