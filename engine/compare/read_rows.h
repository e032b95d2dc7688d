/* Digests of rows, from both ends. */
#ifndef PGFAST_COMPARE_READ_ROWS_H
#define PGFAST_COMPARE_READ_ROWS_H

#include "engine/compare/place.h"
#include "engine/compare/plan.h"

bool read_archived_rows(struct place *place, struct compare_task *task,
                        struct error *error) MUST_CHECK;
bool read_live_rows(struct place *place, struct compare_task *task, struct error *error) MUST_CHECK;

#endif
