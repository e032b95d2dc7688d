/* When each step of a plan may run: what it waits for, what it locks, what it costs. Pure. */
#ifndef PGFAST_RESTORE_PLAN_NODES_H
#define PGFAST_RESTORE_PLAN_NODES_H

#include "engine/restore/plan_builder.h"

/* For the steps that plan_steps_make has made. */
void plan_nodes_make(struct plan_builder *builder);

#endif
