/* One TOC entry to the statements that restore (or drop) it, in pg_restore's order and with its
 * rules. Pure text: what the session's state is (user, schema, tablespace, access method) is a
 * value that goes in and comes out. Messages are about "it": the caller puts the entry in front.
 * Statements come without a final semicolon where we build them, as written where the archive has
 * them. */
#ifndef PGFAST_SQL_STATEMENT_H
#define PGFAST_SQL_STATEMENT_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct statement_options {
    bool no_owner, no_tablespaces, no_table_access_method, use_session_authorization, if_exists;
    bool conforming_strings; /* the archive's STDSTRINGS */
    bool has_search_path;  /* the archive has a SEARCHPATH entry; without it the schema is selected
                              for each entry */
    const char *superuser; /* -S, or NULL */
    bool without_batches;  /* each large object in a statement of its own (see is_batch) */
};

/* What the session has set so far; NULL: unknown or default. The functions below put strings of the
 * TOC in it, which live as long as the TOC does. A new session starts with all NULL. */
struct statement_state {
    const char *user, *schema, *tablespace, *table_am;
};

enum statement_purpose {
    STATEMENT_SETTING,
    STATEMENT_BODY, /* creates the object; at most one, unless the object is a group */
    STATEMENT_OWNER,
    STATEMENT_DROP,
    STATEMENT_TABLE_AM, /* of a partitioned table, which has it without having storage */
    STATEMENT_TRIGGERS
};

struct statement {
    enum statement_purpose purpose;
    const char *sql; /* one simple query; in the arena or in the TOC */
    /* Many large objects at once. When it fails, ask again with without_batches, so that one bad
     * object fails alone, as it does with the stock tool. */
    bool is_batch;
    size_t first_object, object_count; /* which of the group it is about; none: 0, 0 */
};

struct statement_list {
    struct statement *items; /* in the arena */
    size_t count;
    const char *warning; /* or NULL: what could not be done as asked */
};

/* Statements that create the entry (without its data), for all entries but special ones; also those
 * of SEQUENCE SET, BLOB METADATA, MATERIALIZED VIEW DATA and STATISTICS DATA. A TABLE DATA, BLOBS
 * or WARNING entry has settings at most. The state is updated as if all succeeded; after a
 * failed setting the caller resets the state. ERROR_DAMAGED or ERROR_UNSUPPORTED: the entry says
 * what cannot be understood. */
bool statement_create(struct statement_list *list, struct arena *arena, const struct toc *toc,
                      const struct toc_entry *entry, const struct statement_options *options,
                      struct statement_state *state, struct error *error) MUST_CHECK;

/* Statements for --clean; none for an entry without drop statement. */
bool statement_drop(struct statement_list *list, struct arena *arena, const struct toc *toc,
                    const struct toc_entry *entry, const struct statement_options *options,
                    struct statement_state *state, struct error *error) MUST_CHECK;

/* Settings before an entry's data: schema and session user. */
bool statement_before_data(struct statement_list *list, struct arena *arena,
                           const struct toc_entry *entry, const struct statement_options *options,
                           struct statement_state *state, struct error *error) MUST_CHECK;

/* For --disable-triggers: around the data of the entry's table, as the superuser of -S. */
enum trigger_switch { TRIGGERS_OFF, TRIGGERS_ON };
bool statement_triggers(struct statement_list *list, struct arena *arena,
                        const struct toc_entry *entry, enum trigger_switch trigger_switch,
                        const struct statement_options *options, struct statement_state *state,
                        struct error *error) MUST_CHECK;

/* The entry's schema and tag, quoted. */
const char *statement_qualified_name(struct arena *arena, const struct toc_entry *entry);

/* What each session of a restore sets up first, by the version of the target: timeouts, encoding
 * and strings of the archive, role, search path, and what else would change the meaning of data. */
struct session_setup {
    const char *role; /* --role, or NULL */
    bool enable_row_security;
    const char *first_role;  /* that sessions had before there was the database; "none", or NULL */
    bool is_in_own_database; /* that this restore has made, and that has the archive's settings */
    int server_version;      /* 180006 */
    const char *database_encoding; /* as the server says; NULL: it does not */
};
bool statement_session_setup(struct statement_list *list, struct arena *arena,
                             const struct toc *toc, const struct session_setup *setup,
                             struct error *error) MUST_CHECK;

/* From the special entries, parsed to values: what else stands there is refused (ERROR_DAMAGED).
 * Where they are missing: SQL_ASCII, strings that do not conform, no search path. */
bool statement_archive_settings(const struct toc *toc, bool *conforming_strings,
                                bool *has_search_path, const char **encoding, struct arena *arena,
                                struct error *error) MUST_CHECK;

#endif
