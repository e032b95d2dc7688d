/* Advice for failures that have a known way out. Pure. */
#ifndef PGFAST_RESTORE_HINT_H
#define PGFAST_RESTORE_HINT_H

#include "engine/archive/toc.h"
#include "engine/base/error.h"

/* Leaves an error alone that has a hint already, or that we know nothing about. `entry` may be
 * NULL. */
void hint_add(struct error *error, const struct toc_entry *entry);

#endif
