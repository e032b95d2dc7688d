#include "engine/dump/blockers.h"

#include "engine/schema/queries.h"

#include <stdio.h>

static bool find(struct blocker *blocker, struct session *observer, const char *query, int count,
                 const char *const *parameters)
{
    struct rows *rows = NULL;
    struct error unused;
    bool is_found = false;

    if (!session_query_parameters(observer, query, count, parameters, &rows, &unused))
        return false;
    if (rows_count(rows) > 0) {
        is_found = true;
        blocker->waits_for_us = rows_text(rows, 0, 6)[0] == 't';
        snprintf(blocker->relation, sizeof(blocker->relation), "%s", rows_text(rows, 0, 5));
        snprintf(blocker->description, sizeof(blocker->description),
                 "session %s (user %s, application \"%s\", %s, query: %s)", rows_text(rows, 0, 0),
                 rows_text(rows, 0, 1), rows_text(rows, 0, 2), rows_text(rows, 0, 3),
                 rows_text(rows, 0, 4));
    }
    rows_free(rows);
    return is_found;
}

bool blockers_find(struct blocker *blocker, struct session *observer, const char *application_name,
                   int own_pid)
{
    char pid_text[16];
    const char *parameters[] = {application_name, pid_text};

    snprintf(pid_text, sizeof(pid_text), "%d", own_pid);
    return find(blocker, observer, query_blockers, 2, parameters);
}

bool blockers_find_holder(struct blocker *blocker, struct session *observer, const char *oid_array)
{
    return find(blocker, observer, query_lock_holders, 1, &oid_array);
}

bool blockers_explain(const struct blocker *blocker, const char *timeout, struct error *error)
{
    error_set(error, ERROR_TIMEOUT, "could not lock %s%s within %s: blocked by %s",
              blocker->relation[0] ? "table " : "a table", blocker->relation, timeout,
              blocker->description);
    error_hint(error,
               "Wait for that session or end it, or give more time with --lock-wait-timeout.");
    return false;
}
