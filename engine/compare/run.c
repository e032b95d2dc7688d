#include "engine/compare/run.h"

#include "engine/archive/archive.h"
#include "engine/base/arena.h"
#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/base/queue.h"
#include "engine/base/text.h"
#include "engine/compare/judge.h"
#include "engine/compare/place.h"
#include "engine/compare/plan.h"
#include "engine/compare/read_objects.h"
#include "engine/compare/read_rows.h"
#include "engine/compare/read_sequences.h"
#include "engine/sql/archive_settings.h"
#include "engine/sql/read_settings.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SNAPSHOT_NAME_BYTES = 64 };

struct compare {
    const struct compare_options *options;
    struct watch *watch;
    struct compare_totals *totals;
    struct arena *arena;
    struct archive *archive;
    const char *session_settings;
    struct connection *connection; /* pinned to where the first session came */
    struct session *coordinator;   /* its transaction holds the snapshot, to the end */
    char snapshot[SNAPSHOT_NAME_BYTES];
    struct live live;
    struct comparison comparison;

    struct place_settings place;
    struct queue *queue;    /* of struct compare_task * */
    struct error *failures; /* by thread: why it could not go on; no kind: it could */
    unsigned size;          /* threads */
};

/* The coordinator's session */

#define EXTRA_FLOAT_DIGITS "--extra-float-digits="

/* As the dump was told; NULL: it was not. */
static const char *extra_float_digits(const struct manifest *manifest)
{
    const size_t length = sizeof(EXTRA_FLOAT_DIGITS) - 1;

    for (size_t i = 0; manifest != NULL && i < manifest->options.count; i++)
        if (strncmp(manifest->options.items[i], EXTRA_FLOAT_DIGITS, length) == 0)
            return manifest->options.items[i] + length;
    return NULL;
}

/* A regclass and the like are written with quotes then. */
static bool quotes_all_identifiers(const struct manifest *manifest)
{
    for (size_t i = 0; manifest != NULL && i < manifest->options.count; i++)
        if (strcmp(manifest->options.items[i], "--quote-all-identifiers") == 0)
            return true;
    return false;
}

/* All that decides what rows look like, as it was when the archive was written. */
static bool write_settings(struct compare *compare, int server_version, struct error *error)
{
    const struct manifest *manifest = compare->archive->manifest;
    const struct read_settings settings = {
        .extra_float_digits = extra_float_digits(manifest),
        .quote_all_identifiers = quotes_all_identifiers(manifest),
    };
    struct archive_settings archived;
    struct text sql;

    if (!archive_settings_read(&archived, compare->arena, compare->archive->toc, error))
        return false;
    text_init(&sql, TEXT_MAXIMUM);
    read_settings_append(&sql, &settings, server_version);
    read_settings_append_literal(&sql, "client_encoding", archived.encoding);
    if (manifest != NULL && manifest->time_zone != NULL)
        read_settings_append_literal(&sql, "timezone", manifest->time_zone);
    /* Nobody should wait for ever behind an ALTER TABLE that is left open. */
    read_settings_append_literal(&sql, "lock_timeout", "5min");
    compare->session_settings = arena_copy_text(compare->arena, sql.data);
    text_clear(&sql);
    return true;
}

/* The server may not have the locale, and what is written in it may not be there either. */
static void try_locale(struct compare *compare)
{
    const struct manifest *manifest = compare->archive->manifest;
    struct error unused;
    struct text sql;

    if (manifest == NULL || manifest->lc_monetary == NULL)
        return;
    text_init(&sql, TEXT_MAXIMUM);
    read_settings_append_literal(&sql, "lc_monetary", manifest->lc_monetary);
    if (session_execute(compare->coordinator, sql.data, &unused))
        compare->session_settings =
            arena_print(compare->arena, "%s%s", compare->session_settings, sql.data);
    text_clear(&sql);
}

static bool check_version(const struct compare *compare, struct error *error)
{
    return session_server_version(compare->coordinator) >= LIVE_OLDEST_SERVER ||
           error_set(error, ERROR_VERSION,
                     "server version %s is too old, pgfast compares with 12 and later",
                     session_parameter(compare->coordinator, "server_version"));
}

static bool connect(struct compare *compare, struct error *error)
{
    struct connection *words = connection_create(&compare->options->connection);

    atomic_store(&compare->watch->phase, "connecting");
    bool is_open =
        session_open(&compare->coordinator, words, "pgfast verify", compare->watch->cancel, error);
    connection_free(words);
    if (!is_open || !check_version(compare, error) ||
        !write_settings(compare, session_server_version(compare->coordinator), error) ||
        !session_execute(compare->coordinator, compare->session_settings, error))
        return false;
    try_locale(compare);
    compare->connection = connection_pin(compare->coordinator);
    return compare->connection != NULL ||
           error_set(error, ERROR_RESOURCE, "no memory for the connection's parameters");
}

static bool take_snapshot(struct compare *compare, struct error *error)
{
    struct rows *rows = NULL;

    if (!session_execute(compare->coordinator,
                         "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", error) ||
        !session_query(compare->coordinator, "SELECT pg_catalog.pg_export_snapshot()", &rows,
                       error))
        return false;
    snprintf(compare->snapshot, sizeof compare->snapshot, "%s", rows_text(rows, 0, 0));
    rows_free(rows);
    return true;
}

/* The work */

static bool perform(struct place *place, struct compare_task *task, struct error *error)
{
    switch (task->work) {
    case WORK_ARCHIVED_ROWS:
        return read_archived_rows(place, task, error);
    case WORK_LIVE_ROWS:
        return read_live_rows(place, task, error);
    case WORK_ARCHIVED_OBJECTS:
        return read_archived_objects(place, task, error);
    case WORK_ARCHIVED_PAGES:
        return read_archived_pages(place, task, error);
    case WORK_LIVE_OBJECTS:
        return read_live_objects(place, task, error);
    case WORK_SEQUENCES:
        return read_sequences(place, task, error);
    }
    return true;
}

/* False: the thread cannot go on. */
static bool take_task(struct place *place, struct compare_task *task, struct error *error)
{
    struct counters *counters = &place->settings->watch->counters;

    if (perform(place, task, &task->error)) {
        task->error.kind = ERROR_NONE;
    } else if (task->error.kind == ERROR_CANCELLED || !place_recover(place)) {
        *error = task->error;
        return false;
    }
    counter_add(&counters->rows_done, task->work == WORK_LIVE_ROWS ? task->digest.rows : 0);
    counter_add(&counters->entries_done, 1);
    return true;
}

static void work(void *context, unsigned index)
{
    struct compare *compare = context;
    struct error *failure = &compare->failures[index];
    struct place *place;
    void *task;

    if (!place_open(&place, &compare->place, failure))
        return;
    failure->kind = ERROR_NONE;
    while (queue_try_pop(compare->queue, &task) && take_task(place, task, failure))
        ;
    place_close(place);
}

static void abandon_nothing(void *context)
{
    (void)context;
}

static void fill_queue(struct compare *compare)
{
    const struct comparison *comparison = &compare->comparison;

    compare->queue = queue_create(comparison->task_count + 1);
    for (size_t i = 0; i < comparison->task_count; i++) {
        bool is_pushed = queue_push(compare->queue, comparison->tasks[i]);

        assert(is_pushed);
        (void)is_pushed;
    }
}

/* A session that could not be had is done without, as long as another has done the work. */
static bool check_failures(const struct compare *compare, struct error *error)
{
    const struct error *first = NULL;
    void *task;

    if (cancel_is_set(compare->watch->cancel))
        return error_set(error, ERROR_CANCELLED, "comparing was cancelled");
    for (unsigned i = 0; i < compare->size && first == NULL; i++)
        if (compare->failures[i].kind != ERROR_NONE)
            first = &compare->failures[i];
    if (first == NULL)
        return true;
    if (first->kind == ERROR_CONNECTION && !queue_try_pop(compare->queue, &task)) {
        event_emit(compare->watch->events, EVENT_WARNING, "went on with fewer sessions: %s",
                   first->message);
        return true;
    }
    *error = *first;
    return false;
}

static bool take_tasks(struct compare *compare, struct error *error)
{
    struct crew *crew;

    atomic_store(&compare->watch->phase, "comparing");
    compare->place = (struct place_settings){
        .connection = compare->connection,
        .session_settings = compare->session_settings,
        .snapshot = compare->snapshot,
        .archive = compare->archive,
        .objects = &compare->comparison.objects,
        .watch = compare->watch,
    };
    compare->size = compare->options->jobs;
    if (compare->size > compare->comparison.task_count)
        compare->size = (unsigned)compare->comparison.task_count;
    if (compare->size == 0)
        return true;
    compare->failures = memory_allocate(compare->size, sizeof compare->failures[0]);
    fill_queue(compare);
    counter_set(&compare->watch->counters.sessions_busy, compare->size);
    if (!crew_start(&crew, "pgf-compare", compare->size, work, abandon_nothing, compare, error))
        return false;
    crew_join(crew);
    counter_set(&compare->watch->counters.sessions_busy, 0);
    return check_failures(compare, error);
}

static void announce(const struct compare *compare)
{
    struct counters *counters = &compare->watch->counters;
    uint64_t weight = 0;

    for (size_t i = 0; i < compare->comparison.task_count; i++)
        weight += compare->comparison.tasks[i]->weight;
    counter_set(&counters->entries_done, 0);
    counter_set(&counters->raw_bytes_done, 0);
    counter_set(&counters->rows_done, 0);
    counter_set(&counters->entries_total, compare->comparison.task_count);
    counter_set(&counters->raw_bytes_total, weight);
}

static bool perform_all(struct compare *compare, struct error *error)
{
    if (!archive_open(&compare->archive, compare->options->input_path, error) ||
        !connect(compare, error) || !take_snapshot(compare, error) ||
        !live_read(&compare->live, compare->arena, compare->coordinator, error) ||
        !comparison_plan(&compare->comparison, compare->arena, compare->archive,
                         compare->coordinator, &compare->live, compare->options->jobs, error))
        return false;
    announce(compare);

    const struct judgement judgement = {
        .comparison = &compare->comparison,
        .live = &compare->live,
        .archive_path = compare->options->input_path,
        .database = session_database(compare->coordinator),
        .watch = compare->watch,
        .totals = compare->totals,
    };

    return take_tasks(compare, error) && judge(&judgement, compare->arena, error);
}

bool compare_run(const struct compare_options *options, struct watch *watch,
                 struct compare_totals *totals, struct error *error)
{
    struct compare compare = {
        .options = options, .watch = watch, .totals = totals, .arena = arena_create()};

    *totals = (struct compare_totals){.tables = 0};
    bool is_same = perform_all(&compare, error);
    queue_free(compare.queue);
    free(compare.failures);
    comparison_clear(&compare.comparison);
    session_close(compare.coordinator);
    connection_free(compare.connection);
    archive_close(compare.archive);
    arena_free(compare.arena);
    return is_same;
}
