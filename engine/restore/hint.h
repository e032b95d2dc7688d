/* Advice for failures that have a known way out. Pure. */
#ifndef PGFAST_RESTORE_HINT_H
#define PGFAST_RESTORE_HINT_H

#include "engine/archive/toc.h"
#include "engine/base/error.h"

/* Whether --clean is a way out, or has been tried. */
enum hint_course { HINT_WITHOUT_CLEAN, HINT_AFTER_CLEAN };

/* Leaves an error alone that has a hint already, or that we know nothing about. `entry` may be
 * NULL. */
void hint_add(struct error *error, const struct toc_entry *entry, enum hint_course course);

#endif
