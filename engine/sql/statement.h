/* One TOC entry to the statements that restore (or drop) it, in pg_restore's order and with its rules (archive-format facts 3.2, 3.7). Pure text:
 * what the session's state is (user, schema, tablespace, access method) is a value that goes in and comes out. */
#ifndef PGFAST_SQL_STATEMENT_H
#define PGFAST_SQL_STATEMENT_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct statement_options {
    bool no_owner, no_tablespaces, no_table_access_method, use_session_authorization, if_exists;
    bool conforming_strings;  /* the archive's STDSTRINGS */
    bool has_search_path;     /* the archive has a SEARCHPATH entry; without it the schema is selected for each entry */
    const char *superuser;    /* -S, or NULL */
};

/* What the session has set so far; NULL: unknown or default. Strings live in the caller's arena passed to the functions below. */
struct statement_state {
    const char *user, *schema, *tablespace, *table_am;
};

enum statement_purpose { STATEMENT_SETTING, STATEMENT_BODY, STATEMENT_OWNER, STATEMENT_DROP };

struct statement {
    enum statement_purpose purpose;
    const char *sql;
};

struct statement_list {
    struct statement *items; /* in the arena */
    size_t count;
};

/* Statements that create the entry (without its data). The state is updated as if all succeeded; after a failed setting the caller resets the state. */
bool statement_create(struct statement_list *list, struct arena *arena, const struct toc *toc,
                      const struct toc_entry *entry, const struct statement_options *options,
                      struct statement_state *state, struct error *error) MUST_CHECK;

/* Statements for --clean; none for an entry without drop statement. */
bool statement_drop(struct statement_list *list, struct arena *arena, const struct toc *toc,
                    const struct toc_entry *entry, const struct statement_options *options,
                    struct statement_state *state, struct error *error) MUST_CHECK;

/* Settings before an entry's data (schema, session user), its qualified name, and the triggers' statements for --disable-triggers. */
bool statement_before_data(struct statement_list *list, struct arena *arena, const struct toc_entry *entry,
                           const struct statement_options *options, struct statement_state *state,
                           struct error *error) MUST_CHECK;
const char *statement_qualified_name(struct arena *arena, const struct toc_entry *entry);

/* What each session of a restore sets up first (3.1), version by version of the target: encoding and strings from the archive, search path, timeouts… */
struct session_setup {
    const char *role;          /* --role, or NULL */
    bool enable_row_security;
    int server_version;        /* 180006 */
};
bool statement_session_setup(struct statement_list *list, struct arena *arena, const struct toc *toc,
                             const struct session_setup *setup, struct error *error) MUST_CHECK;

/* True when the archive's strings are standard conforming; whether it has a search path entry. From the special entries; hostile text is refused. */
bool statement_archive_settings(const struct toc *toc, bool *conforming_strings, bool *has_search_path,
                                const char **encoding, struct arena *arena, struct error *error) MUST_CHECK;

#endif
