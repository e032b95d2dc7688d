/* Which entries of an archive are wanted, and which parts of each: pg_restore's rules
 * (archive-format facts 3.5, 3.6), as a pure function of the TOC and the options. The answer is an
 * array beside the TOC, which stays const. */
#ifndef PGFAST_RESTORE_SELECTION_H
#define PGFAST_RESTORE_SELECTION_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct name_list {
    const char *const *items;
    size_t count;
};

enum { SELECT_PRE_DATA = 1, SELECT_DATA = 2, SELECT_POST_DATA = 4 };

struct selection_options {
    struct name_list schemas, excluded_schemas, tables, indexes, functions, triggers;
    unsigned sections; /* SELECT_…; 0: all */
    bool data_only, schema_only, statistics_only, no_data, no_schema, no_statistics;
    bool no_privileges, no_comments, no_publications, no_security_labels, no_subscriptions,
        no_policies;
    bool create, strict_names;
    const char *use_list; /* the text of the -L file, or NULL */
};

enum { WANT_SCHEMA = 1, WANT_DATA = 2, WANT_STATISTICS = 4, WANT_SPECIAL = 8 };

struct selected_entry {
    const struct toc_entry *entry;
    unsigned wanted;          /* WANT_…; 0: not restored */
    enum toc_section section; /* NONE entries: the section they belong to */
};

struct selection {
    struct selected_entry
        *entries; /* all entries, in restore order (-L moves the listed ones behind the others) */
    size_t count;
    const char *const *warnings; /* "line ignored: …" */
    size_t warning_count;
};

/* Everything lives in the arena. ERROR_USAGE names an option conflict or a name that strict_names
 * misses. */
bool selection_make(struct selection *selection, struct arena *arena, const struct toc *toc,
                    const struct selection_options *options, struct error *error) MUST_CHECK;

#endif
