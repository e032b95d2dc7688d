/* A placement in words, for --explain-placement. */
#ifndef PGFAST_FLOW_PLACEMENT_TEXT_H
#define PGFAST_FLOW_PLACEMENT_TEXT_H

#include "engine/base/text.h"
#include "engine/flow/placement.h"

/* Pure; appends a few lines. */
void placement_describe(struct text *text, const struct topology *topology,
                        const struct placement *placement);

#endif
