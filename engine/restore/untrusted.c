#include "engine/restore/untrusted.h"

#include "engine/archive/label.h"
#include "engine/base/arena.h"
#include "engine/base/text.h"
#include "engine/sql/statement.h"
#include "engine/sql/vet.h"

/* All are counted; nobody reads more. */
enum { TOLD_AT_MOST = 1000 };

static bool check_settings(const struct toc *toc, bool *conforming_strings, struct error *error)
{
    struct arena *arena = arena_create();
    const char *encoding;
    bool has_search_path;

    bool is_plain = statement_archive_settings(toc, conforming_strings, &has_search_path, &encoding,
                                               arena, error) &&
                    vet_encoding(encoding, error);
    arena_free(arena);
    return is_plain;
}

static void tell(const struct toc_entry *entry, const struct error *reason,
                 struct event_stream *events)
{
    char label[LABEL_BYTES];

    label_entry(label, entry);
    event_emit_failure(events, label, reason);
}

static bool refuse(size_t refused, size_t wanted, struct error *error)
{
    error_set(error, ERROR_HOSTILE,
              "%zu of %zu objects do more than their kind does, so nothing was restored", refused,
              wanted);
    error_hint(error,
               "Leave them out with -L, from whose list (pgfast list) their lines are "
               "deleted; or restore without --untrusted, if you trust who made the archive.");
    return false;
}

bool untrusted_vet(const struct toc *toc, const struct selection *selection,
                   struct event_stream *events, struct error *error)
{
    size_t refused = 0, wanted = 0;
    bool conforming_strings;

    if (!check_settings(toc, &conforming_strings, error))
        return false;
    for (size_t i = 0; i < selection->count; i++) {
        const struct selected_entry *selected = &selection->entries[i];
        struct error reason;

        if (selected->wanted == 0)
            continue;
        wanted++;
        if (vet_entry(selected->entry, conforming_strings, &reason))
            continue;
        reason.kind = ERROR_HOSTILE;
        if (refused++ < TOLD_AT_MOST)
            tell(selected->entry, &reason, events);
    }
    return refused == 0 || refuse(refused, wanted, error);
}

bool untrusted_vet_databases(const struct selection *selection, bool conforming_strings,
                             struct error *error)
{
    for (size_t i = 0; i < selection->count; i++) {
        const struct toc_entry *entry = selection->entries[i].entry;
        char label[LABEL_BYTES];

        if (selection->entries[i].wanted == 0 || entry->type != ENTRY_DATABASE ||
            vet_database(entry, conforming_strings, error))
            continue;
        label_entry(label, entry);
        error_prefix(error, "%s", label);
        return false;
    }
    return true;
}

/* Of all that the user is, or can become. Before 16, CREATEROLE could grant itself the others. */
static const char powerful_roles[] =
    "SELECT r.rolname, CASE"
    " WHEN r.rolsuper THEN 'is a superuser'"
    " WHEN r.rolcreaterole THEN 'may make roles'"
    " WHEN r.rolreplication THEN 'may replicate the whole cluster'"
    " ELSE 'may run programs or use files of the server' END"
    " FROM pg_catalog.pg_roles r"
    " WHERE pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')"
    " AND (r.rolsuper OR r.rolcreaterole OR r.rolreplication OR r.rolname IN"
    " ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))"
    " ORDER BY r.rolname <> session_user, r.rolname LIMIT 1";

bool untrusted_check_user(struct session *session, struct error *error)
{
    struct rows *rows;
    struct text name;

    if (!session_query(session, powerful_roles, &rows, error))
        return false;
    if (rows_count(rows) == 0) {
        rows_free(rows);
        return true;
    }
    text_init(&name, sizeof error->message / 2);
    text_append_escaped(&name, rows_text(rows, 0, 0));
    error_set(error, ERROR_USAGE,
              "an untrusted archive cannot be restored as this user: it is, or can become, role "
              "\"%s\", which %s",
              name.data, rows_text(rows, 0, 1));
    error_hint(error, "Connect (-U) as a role that has nothing but a database of its own, for the "
                      "archive's code runs with its rights.");
    text_clear(&name);
    rows_free(rows);
    return false;
}
