#include "engine/restore/observer.h"

#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/base/queue.h"
#include "engine/server/session.h"

#include <stdlib.h>

enum { LOOK_INTERVAL_MS = 1000, PATIENCE_INTERVALS = 2, SINCE_INDEX_PROGRESS = 120000 };

/* Scanning the table counts as the first half of a build, filling the index as the second. */
static const char question[] =
    "SELECT pg_catalog.count(*), pg_catalog.sum(50 * CASE"
    " WHEN phase LIKE '%scanning%' THEN blocks_done::float8 / greatest(blocks_total, 1)"
    " WHEN phase LIKE '%loading%' THEN 1 + tuples_done::float8 / greatest(tuples_total, 1)"
    " WHEN phase = 'initializing' THEN 0 ELSE 1 END)::bigint"
    " FROM pg_catalog.pg_stat_progress_create_index"
    " WHERE datname = pg_catalog.current_database()";

struct observer {
    const struct connection *connection;
    struct watch *watch;
    struct queue *end; /* nothing ever lies in it; closed when the observer is to stop */
    struct crew *crew;
};

static bool may_go_on(struct observer *observer)
{
    bool is_open;
    void *nothing;

    return !queue_pop_wait(observer->end, &nothing, LOOK_INTERVAL_MS, &is_open) && is_open &&
           !cancel_is_set(observer->watch->cancel);
}

static bool look(struct observer *observer, struct session *session)
{
    struct counters *counters = &observer->watch->counters;
    struct error ignored = {.kind = ERROR_NONE};
    struct rows *rows;

    if (!session_query(session, question, &rows, &ignored))
        return false;
    uint64_t count = rows_number(rows, 0, 0);
    counter_set(&counters->indexes_building, count);
    counter_set(&counters->indexes_percent, count > 0 ? rows_number(rows, 0, 1) / count : 0);
    rows_free(rows);
    return true;
}

static void observe(void *context, unsigned index)
{
    struct observer *observer = context;
    struct error ignored = {.kind = ERROR_NONE};
    struct session *session = NULL;
    bool has_patience = true;

    (void)index;
    for (int i = 0; i < PATIENCE_INTERVALS && has_patience; i++)
        has_patience = may_go_on(observer);
    if (!has_patience || !session_open(&session, observer->connection, "pgfast restore",
                                       observer->watch->cancel, &ignored))
        return;
    if (session_server_version(session) >= SINCE_INDEX_PROGRESS)
        while (look(observer, session) && may_go_on(observer))
            continue;
    session_close(session);
}

static void abandon(void *context)
{
    struct observer *observer = context;

    queue_close(observer->end);
}

static void observer_free(struct observer *observer)
{
    queue_free(observer->end);
    free(observer);
}

struct observer *observer_start(const struct connection *connection, struct watch *watch)
{
    struct observer *observer = memory_allocate(1, sizeof *observer);
    struct error ignored;

    observer->connection = connection;
    observer->watch = watch;
    observer->end = queue_create(1);
    if (crew_start(&observer->crew, "pgf-observer", 1, observe, abandon, observer, &ignored))
        return observer;
    observer_free(observer);
    return NULL;
}

void observer_stop(struct observer *observer)
{
    if (observer == NULL)
        return;
    queue_close(observer->end);
    crew_join(observer->crew);
    counter_set(&observer->watch->counters.indexes_building, 0);
    observer_free(observer);
}
