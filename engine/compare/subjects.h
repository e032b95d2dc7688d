/* The tables that are compared, each with the data entries of the archive that hold its rows and
 * the tables of the database that hold them there. That is one table mostly. Where the archive
 * loads rows through the root of a partitioned table, or the database has a partitioned table where
 * the archive has a plain one, nobody can say which partition a row lies in: the whole tree is one
 * subject then. Pure. */
#ifndef PGFAST_COMPARE_SUBJECTS_H
#define PGFAST_COMPARE_SUBJECTS_H

#include "engine/archive/row_digest.h"
#include "engine/archive/toc.h"
#include "engine/base/span.h"
#include "engine/compare/live.h"

struct subject {
    const char *schema, *name;
    const struct toc_entry **entries;
    size_t entry_count;
    const struct live_relation **relations;
    size_t relation_count;
    struct span columns; /* as the copy statements name them, "(a, b)"; empty for none */
    enum row_form form;
    bool counts_only; /* entries of both forms: the sums of what they hold mean nothing */
    bool
        has_orders; /* entries with columns in several orders: those of a row are its partition's */

    /* What is found out: */
    const char *difference; /* what can be said without reading any row; NULL: nothing */
    struct row_digest archived, live;
    struct error error; /* why it cannot be compared; no kind: it can */
};

struct subjects {
    struct subject *items; /* by schema and name */
    size_t count;
};

/* Everything lives in the arena. ERROR_DAMAGED: a copy statement is not understood. */
bool subjects_make(struct subjects *subjects, struct arena *arena, const struct toc *toc,
                   const struct live *live, struct error *error) MUST_CHECK;

/* The columns to read of one of the subject's relations, in the order of the entry that bears its
 * name. */
struct span subject_columns_of(const struct subject *subject, const struct live_relation *relation);

/* Tables of the database that have rows in no subject, and belong to no extension; in *count. */
const struct live_relation **subjects_find_others(const struct subjects *subjects,
                                                  struct arena *arena, const struct live *live,
                                                  size_t *count);

#endif
