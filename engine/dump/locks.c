#include "engine/dump/locks.h"

#include "engine/base/text.h"
#include "engine/dump/blockers.h"
#include "engine/schema/queries.h"
#include "engine/schema/schema.h"
#include "engine/sql/quote.h"

#include <stdlib.h>
#include <string.h>

enum { PG_CLASS_OID = 1259, NAMES_A_STATEMENT = 500 };

/* ---- which ---- */

static bool is_lockable(const struct toc_entry *entry)
{
    if (entry->type == ENTRY_TABLE_DATA)
        return entry->oid != 0;
    return entry->type == ENTRY_TABLE && entry->catalog_oid == PG_CLASS_OID;
}

static int compare_oids(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

static size_t collect_oids(const struct toc *toc, struct arena *arena, uint32_t **oids)
{
    size_t count = 0, kept = 0;

    *oids = arena_allocate(arena, toc->count + 1, sizeof(**oids));
    for (size_t i = 0; i < toc->count; i++)
        if (is_lockable(toc->entries[i]))
            (*oids)[count++] = toc->entries[i]->oid;
    qsort(*oids, count, sizeof(**oids), compare_oids);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || (*oids)[kept - 1] != (*oids)[i])
            (*oids)[kept++] = (*oids)[i];
    return kept;
}

/* ---- lock ---- */

static bool set_timeout(struct session *session, const char *timeout, struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, "SET lock_timeout = ");
    quote_literal(&sql, timeout, true);

    bool is_set = session_execute(session, sql.data, error);

    text_clear(&sql);
    return is_set;
}

enum patience { WAIT, DO_NOT_WAIT };

static bool lock_batch(struct session *session, const char *const *names, size_t count,
                       enum patience patience, struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, "LOCK TABLE ");
    for (size_t i = 0; i < count; i++) {
        text_append(&sql, i > 0 ? ", ONLY " : "ONLY ");
        text_append(&sql, names[i]);
    }
    text_append(&sql, " IN ACCESS SHARE MODE");
    if (patience == DO_NOT_WAIT)
        text_append(&sql, " NOWAIT");

    bool is_locked = session_execute(session, sql.data, error);

    text_clear(&sql);
    return is_locked;
}

static bool lock_in_batches(struct session *session, const char *const *names, size_t count,
                            enum patience patience, struct error *error)
{
    for (size_t first = 0; first < count; first += NAMES_A_STATEMENT) {
        size_t left = count - first;

        if (!lock_batch(session, names + first, left < NAMES_A_STATEMENT ? left : NAMES_A_STATEMENT,
                        patience, error))
            return false;
    }
    return true;
}

/* A table dropped or renamed since the snapshot has no lock to give; that is a change, not a
 * failure. */
static bool is_change(const struct error *error)
{
    return strcmp(error->sqlstate, "42P01") == 0 || strcmp(error->sqlstate, "3F000") == 0 ||
           strcmp(error->sqlstate, "42809") == 0;
}

/* The server only says that time ran out; who stood in the way stands there still. */
static bool explain_wait(const struct lock_request *request, const char *oid_array,
                         struct error *error)
{
    struct blocker blocker;

    if (blockers_find_holder(&blocker, request->observer, oid_array))
        blockers_explain(&blocker, request->timeout, error);
    return false;
}

/* ---- compare ---- */

struct comparison {
    const struct rows *snapshot, *current; /* both by oid */
};

static const char *first_difference(const struct comparison *comparison, struct arena *arena)
{
    int then = 0, now = 0;

    while (then < rows_count(comparison->snapshot)) {
        uint64_t wanted = rows_number(comparison->snapshot, then, 0);

        while (now < rows_count(comparison->current) &&
               rows_number(comparison->current, now, 0) < wanted)
            now++;
        if (now == rows_count(comparison->current) ||
            rows_number(comparison->current, now, 0) != wanted ||
            strcmp(rows_text(comparison->current, now, 1),
                   rows_text(comparison->snapshot, then, 1)) != 0)
            return arena_print(arena, "%llu", (unsigned long long)wanted);
        then++;
    }
    return NULL;
}

static const char *name_of(const struct toc *toc, const char *oid_text, struct arena *arena)
{
    uint32_t oid = (uint32_t)strtoul(oid_text, NULL, 10);

    for (size_t i = 0; i < toc->count; i++)
        if (is_lockable(toc->entries[i]) && toc->entries[i]->oid == oid)
            return arena_print(arena, "%s.%s",
                               toc->entries[i]->schema ? toc->entries[i]->schema : "?",
                               toc->entries[i]->tag);
    return oid_text;
}

static bool compare_signatures(const struct lock_request *request, const char *oid_array,
                               struct arena *arena, const char **changed_oid, struct error *error)
{
    const char *parameters[] = {oid_array};
    struct rows *snapshot = NULL, *current = NULL;
    bool is_read = session_query_parameters(request->coordinator, query_signatures, 1, parameters,
                                            &snapshot, error) &&
                   session_query_parameters(request->observer, query_signatures, 1, parameters,
                                            &current, error);

    if (is_read) {
        struct comparison comparison = {snapshot, current};

        *changed_oid = first_difference(&comparison, arena);
    }
    rows_free(snapshot);
    rows_free(current);
    return is_read;
}

const char *locks_list(const struct toc *toc, struct arena *arena, size_t *count)
{
    uint32_t *oids;
    size_t listed = collect_oids(toc, arena, &oids);

    if (count)
        *count = listed;
    return schema_oid_array(arena, oids, listed);
}

static const char **collect_names(const struct rows *rows, struct arena *arena)
{
    const char **names = arena_allocate(arena, (size_t)rows_count(rows) + 1, sizeof(*names));

    for (int i = 0; i < rows_count(rows); i++)
        names[i] = rows_text(rows, i, 1);
    return names;
}

static bool lock_listed(const struct lock_request *request, struct session *namer,
                        struct arena *arena, const char *oid_array, struct error *error)
{
    struct rows *rows = NULL;

    if (!session_query_parameters(namer, query_names, 1, &oid_array, &rows, error))
        return false;

    bool is_locked = lock_in_batches(request->coordinator, collect_names(rows, arena),
                                     (size_t)rows_count(rows), WAIT, error);

    rows_free(rows);
    if (!is_locked && strcmp(error->sqlstate, "55P03") == 0)
        explain_wait(request, oid_array, error);
    return is_locked;
}

bool locks_take_again(struct session *session, const char *oid_array, struct error *error)
{
    struct arena *arena = arena_create();
    struct rows *rows = NULL;
    bool is_locked = session_query_parameters(session, query_names, 1, &oid_array, &rows, error) &&
                     lock_in_batches(session, collect_names(rows, arena), (size_t)rows_count(rows),
                                     DO_NOT_WAIT, error);

    rows_free(rows);
    arena_free(arena);
    return is_locked;
}

bool locks_take_early(const struct lock_request *request, struct arena *arena,
                      const char *oid_array, bool *is_changed, struct error *error)
{
    *is_changed = false;
    if (!set_timeout(request->coordinator, request->timeout, error))
        return false;
    if (lock_listed(request, request->observer, arena, oid_array, error))
        return true;
    *is_changed = is_change(error);
    return *is_changed;
}

/* Those of the table of contents that are not held yet. */
static const char *list_missing(const struct lock_request *request, struct arena *arena)
{
    uint32_t *oids;
    size_t count = collect_oids(request->toc, arena, &oids), kept = 0;

    for (size_t i = 0, held = 0; i < count; i++) {
        while (held < request->held_count && request->held[held] < oids[i])
            held++;
        if (held == request->held_count || request->held[held] != oids[i])
            oids[kept++] = oids[i];
    }
    return kept > 0 ? schema_oid_array(arena, oids, kept) : NULL;
}

bool locks_take(const struct lock_request *request, struct arena *arena, bool *is_changed,
                const char **what, struct error *error)
{
    const char *oid_array = list_missing(request, arena), *changed_oid = NULL;

    *is_changed = false;
    *what = NULL;
    if (!oid_array)
        return true;
    if (!set_timeout(request->coordinator, request->timeout, error))
        return false;
    if (!lock_listed(request, request->coordinator, arena, oid_array, error)) {
        *is_changed = is_change(error);
        *what = arena_copy_text(arena, error->message);
        return *is_changed;
    }
    if (!set_timeout(request->coordinator, "0", error) ||
        !compare_signatures(request, oid_array, arena, &changed_oid, error))
        return false;
    *is_changed = changed_oid != NULL;
    *what = changed_oid ? name_of(request->toc, changed_oid, arena) : NULL;
    return true;
}

static bool lock_and_compare(const struct lock_request *request, struct arena *arena,
                             const struct lock_list *list, const char **changed_oid,
                             struct error *error)
{
    return lock_in_batches(request->coordinator, list->names, list->count, DO_NOT_WAIT, error) &&
           compare_signatures(request, schema_oid_array(arena, list->oids, list->count), arena,
                              changed_oid, error);
}

bool locks_try(const struct lock_request *request, struct arena *arena,
               const struct lock_list *list, bool *is_held, struct error *error)
{
    const char *changed_oid = NULL;

    *is_held = false;
    if (!session_execute(request->coordinator, "SAVEPOINT pgfast", error))
        return false;
    if (lock_and_compare(request, arena, list, &changed_oid, error) && !changed_oid) {
        *is_held = true;
        return session_execute(request->coordinator, "RELEASE SAVEPOINT pgfast", error);
    }
    /* Whatever it was, whoever waits for the locks will meet it again and explain it. */
    return (changed_oid || error->kind != ERROR_CANCELLED) &&
           session_execute(request->coordinator,
                           "ROLLBACK TO SAVEPOINT pgfast; RELEASE SAVEPOINT pgfast", error);
}
