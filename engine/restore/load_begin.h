/* What every load of a table begins with, whichever way its rows come. */
#ifndef PGFAST_RESTORE_LOAD_BEGIN_H
#define PGFAST_RESTORE_LOAD_BEGIN_H

#include "engine/archive/label.h"
#include "engine/restore/plan.h"
#include "engine/restore/target.h"

/* Of a table in pieces it should be known which of them is meant. */
void load_label(char label[LABEL_BYTES], const struct plan_step *step);

/* The session's settings for the entry. */
bool load_settings(struct target *target, const char *label, const struct toc_entry *entry,
                   struct error *error) MUST_CHECK;

/* A transaction (unless one holds everything), and in it the entry's COPY. */
bool load_begin(struct target *target, const struct toc_entry *entry,
                struct error *error) MUST_CHECK;

#endif
