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

static bool lock_batch(const struct lock_request *request, const struct rows *names, int first,
                       int count, struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    text_append(&sql, "LOCK TABLE ");
    for (int i = first; i < first + count; i++) {
        text_append(&sql, i > first ? ", ONLY " : "ONLY ");
        text_append(&sql, rows_text(names, i, 1));
    }
    text_append(&sql, " IN ACCESS SHARE MODE");

    bool is_locked = session_execute(request->coordinator, sql.data, error);

    text_clear(&sql);
    return is_locked;
}

/* A table dropped or renamed since the snapshot has no lock to give; that is a change, not a
 * failure. */
static bool is_change(const struct error *error)
{
    return strcmp(error->sqlstate, "42P01") == 0 || strcmp(error->sqlstate, "3F000") == 0 ||
           strcmp(error->sqlstate, "42809") == 0;
}

static bool lock_in_batches(const struct lock_request *request, const struct rows *names,
                            struct error *error)
{
    for (int first = 0; first < rows_count(names); first += NAMES_A_STATEMENT) {
        int left = rows_count(names) - first;

        if (!lock_batch(request, names, first, left < NAMES_A_STATEMENT ? left : NAMES_A_STATEMENT,
                        error))
            return false;
    }
    return true;
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
                               struct arena *arena, bool *is_changed, const char **what,
                               struct error *error)
{
    const char *parameters[] = {oid_array};
    struct rows *snapshot = NULL, *current = NULL;
    bool is_read = session_query_parameters(request->coordinator, query_signatures, 1, parameters,
                                            &snapshot, error) &&
                   session_query_parameters(request->observer, query_signatures, 1, parameters,
                                            &current, error);

    if (is_read) {
        struct comparison comparison = {snapshot, current};
        const char *oid = first_difference(&comparison, arena);

        *is_changed = oid != NULL;
        *what = oid ? name_of(request->toc, oid, arena) : NULL;
    }
    rows_free(snapshot);
    rows_free(current);
    return is_read;
}

const char *locks_list(const struct toc *toc, struct arena *arena)
{
    uint32_t *oids;
    size_t count = collect_oids(toc, arena, &oids);

    return schema_oid_array(arena, oids, count);
}

static bool lock_listed(const struct lock_request *request, struct session *namer,
                        const char *oid_array, struct error *error)
{
    struct rows *names = NULL;

    if (!session_query_parameters(namer, query_names, 1, &oid_array, &names, error))
        return false;

    bool is_locked = lock_in_batches(request, names, error);

    rows_free(names);
    if (!is_locked && strcmp(error->sqlstate, "55P03") == 0)
        explain_wait(request, oid_array, error);
    return is_locked;
}

bool locks_take_early(const struct lock_request *request, const char *oid_array, bool *is_changed,
                      struct error *error)
{
    *is_changed = false;
    if (!set_timeout(request->coordinator, request->timeout, error))
        return false;
    if (lock_listed(request, request->observer, oid_array, error))
        return true;
    *is_changed = is_change(error);
    return *is_changed;
}

bool locks_take(const struct lock_request *request, struct arena *arena, bool *is_changed,
                const char **what, struct error *error)
{
    const char *oid_array = locks_list(request->toc, arena);

    *is_changed = false;
    *what = NULL;
    if (!set_timeout(request->coordinator, request->timeout, error))
        return false;
    if (!lock_listed(request, request->coordinator, oid_array, error)) {
        *is_changed = is_change(error);
        *what = arena_copy_text(arena, error->message);
        return *is_changed;
    }
    return set_timeout(request->coordinator, "0", error) &&
           compare_signatures(request, oid_array, arena, is_changed, what, error);
}
