#include "engine/pgfast.h"

#include "engine/archive/archive.h"
#include "engine/backups/verify.h"
#include "engine/base/arena.h"
#include "engine/base/clock.h"
#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "engine/compare/run.h"
#include "engine/dump/memory_plan.h"
#include "engine/dump/run.h"
#include "engine/flow/placement_text.h"
#include "engine/flow/watch.h"
#include "engine/options.h"
#include "engine/restore/dry_run.h"
#include "engine/restore/list.h"
#include "engine/restore/read_list.h"
#include "engine/restore/run.h"
#include "engine/restore/selection.h"
#include "engine/server/session.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The public header repeats what lower headers say, so that it needs none of them; here both meet.
 */
_Static_assert((int)PGFAST_EVENT_DETAIL == (int)EVENT_DETAIL, "kinds of events");
_Static_assert((int)PGFAST_EVENT_INFO == (int)EVENT_INFO, "kinds of events");
_Static_assert((int)PGFAST_EVENT_WARNING == (int)EVENT_WARNING, "kinds of events");
_Static_assert((int)PGFAST_EVENT_OBJECT_FAILED == (int)EVENT_OBJECT_FAILED, "kinds of events");

struct pgfast_run {
    struct watch watch;
    struct crew *coordinator;
    struct dump_options dump;
    struct restore_options restore;
    struct verify_options verify;
    struct compare_options compare;
    uint64_t started_us;
    _Atomic uint64_t ended_us; /* 0: not yet */
    /* Written by the coordinator, read once it has been joined. */
    struct pgfast_report report;
    struct error error;
    bool has_succeeded;
    bool compares; /* after it has verified */
};

static void run_end(struct pgfast_run *run)
{
    atomic_store(&run->ended_us, clock_now_us());
    event_stream_close(run->watch.events);
}

static void dump_work(void *context, unsigned index)
{
    struct pgfast_run *run = context;
    struct dump_totals totals = {0};

    (void)index;
    run->has_succeeded = dump_run(&run->dump, &run->watch, &totals, &run->error);
    run->report = (struct pgfast_report){
        .entries = totals.entries,
        .tables = totals.tables,
        .chunks = totals.chunks,
        .large_objects = totals.large_objects,
        .rows = totals.rows,
        .raw_bytes = totals.raw_bytes,
        .stored_bytes = totals.stored_bytes,
        .errors = totals.losses,
    };
    run_end(run);
}

static void restore_work(void *context, unsigned index)
{
    struct pgfast_run *run = context;
    struct restore_totals totals = {0};

    (void)index;
    run->has_succeeded = restore_run(&run->restore, &run->watch, &totals, &run->error);
    run->report = (struct pgfast_report){
        .entries = totals.entries,
        .tables = totals.tables,
        .chunks = totals.chunks,
        .large_objects = totals.large_objects,
        .rows = totals.rows,
        .raw_bytes = totals.raw_bytes,
        .stored_bytes = totals.stored_bytes,
        .errors = totals.errors,
    };
    run_end(run);
}

static struct pgfast_report report_of_verify(const struct verify_totals *totals)
{
    return (struct pgfast_report){
        .files = totals->files,
        .rows = totals->rows,
        .stored_bytes = totals->stored_bytes,
        .errors = totals->faults,
        .has_manifest = totals->has_manifest,
        .has_counted_rows = totals->has_counted_rows,
    };
}

static bool compare(struct pgfast_run *run)
{
    struct compare_totals totals = {0};
    bool is_same = compare_run(&run->compare, &run->watch, &totals, &run->error);

    run->report.has_compared = is_same;
    run->report.compared_tables = totals.tables;
    run->report.compared_rows = totals.rows;
    run->report.compared_large_objects = totals.large_objects;
    run->report.compared_sequences = totals.sequences;
    run->report.errors += totals.differences;
    return is_same;
}

static void verify_work(void *context, unsigned index)
{
    struct pgfast_run *run = context;
    struct verify_totals totals = {0};

    (void)index;
    run->has_succeeded = verify_run(&run->verify, &run->watch, &totals, &run->error);
    run->report = report_of_verify(&totals);
    if (run->has_succeeded && run->compares)
        run->has_succeeded = compare(run);
    run_end(run);
}

/* Counters keep to cache lines of their own, which malloc does not promise. */
static struct pgfast_run *allocate_run(void)
{
    struct pgfast_run *run = aligned_alloc(_Alignof(struct pgfast_run), sizeof *run);

    if (run == NULL)
        memory_end_program();
    memset(run, 0, sizeof *run);
    return run;
}

/* `path`: of the archive; NULL is `missing`. */
static struct pgfast_run *run_create(const char *path, const char *missing, bool no_details,
                                     struct error *error)
{
    if (path == NULL) {
        error_set(error, ERROR_USAGE, "%s", missing);
        return NULL;
    }

    struct pgfast_run *run = allocate_run();

    if (!cancel_create(&run->watch.cancel, error)) {
        free(run);
        return NULL;
    }
    run->watch.events = event_stream_create();
    if (no_details)
        event_stream_drop_details(run->watch.events);
    run->started_us = clock_now_us();
    return run;
}

static void run_free(struct pgfast_run *run)
{
    event_stream_free(run->watch.events);
    cancel_free(run->watch.cancel);
    free(run);
}

/* The only thread of the crew is the one that did not start: nobody waits for anything. */
static void abandon_nothing(void *context)
{
    (void)context;
}

static struct pgfast_run *
run_start(struct pgfast_run *run, void (*work)(void *context, unsigned index), struct error *error)
{
    if (crew_start(&run->coordinator, "pgf-run", 1, work, abandon_nothing, run, error))
        return run;
    run_free(run);
    return NULL;
}

struct pgfast_run *pgfast_dump_start(const struct pgfast_dump_options *options, struct error *error)
{
    struct pgfast_dump_options known = {0};

    if (!options_copy_known(&known, sizeof known, options, options->struct_bytes, error))
        return NULL;
    struct pgfast_run *run =
        run_create(known.output_path, "no output folder given", known.no_details, error);
    if (run == NULL)
        return NULL;
    run->dump = options_to_dump(&known);
    return run_start(run, dump_work, error);
}

struct pgfast_run *pgfast_restore_start(const struct pgfast_restore_options *options,
                                        struct error *error)
{
    struct pgfast_restore_options known = {0};

    if (!options_copy_known(&known, sizeof known, options, options->struct_bytes, error))
        return NULL;
    struct pgfast_run *run =
        run_create(known.input_path, "no archive given", known.no_details, error);
    if (run == NULL)
        return NULL;
    run->restore = options_to_restore(&known);
    return run_start(run, restore_work, error);
}

struct pgfast_run *pgfast_verify_start(const struct pgfast_verify_options *options,
                                       struct error *error)
{
    struct pgfast_verify_options known = {0};

    if (!options_copy_known(&known, sizeof known, options, options->struct_bytes, error))
        return NULL;
    struct pgfast_run *run =
        run_create(known.input_path, "no archive given", known.no_details, error);
    if (run == NULL)
        return NULL;
    run->verify = options_to_verify(&known);
    run->compares = known.is_against;
    if (run->compares)
        run->compare = options_to_compare(&known);
    return run_start(run, verify_work, error);
}

static void publish_event(struct pgfast_event *published, const struct event *event)
{
    published->kind = (enum pgfast_event_kind)event->kind;
    snprintf(published->object, sizeof published->object, "%s", event->object);
    snprintf(published->message, sizeof published->message, "%s", event->message);
    published->error = event->error;
}

bool pgfast_next_event(struct pgfast_run *run, int timeout_ms, struct pgfast_event *event,
                       bool *is_running)
{
    struct event next;

    if (!event_stream_next(run->watch.events, timeout_ms, &next, is_running))
        return false;
    publish_event(event, &next);
    return true;
}

static uint64_t elapsed_us(const struct pgfast_run *run)
{
    uint64_t ended_us = atomic_load(&run->ended_us);

    return (ended_us > 0 ? ended_us : clock_now_us()) - run->started_us;
}

static uint64_t load_work_done(const struct counters *counters)
{
    uint64_t total = counter_read(&counters->load_stored_bytes_total);
    uint64_t done = counter_read(&counters->stored_bytes_done);
    uint64_t work = counter_read(&counters->load_us_total);

    return done < total ? (uint64_t)((double)work * (double)done / (double)total) : work;
}

/* Builds count while they go on, as far as the server says they are. */
static uint64_t steps_work_done(const struct counters *counters)
{
    uint64_t percent = counter_read(&counters->indexes_percent);

    return counter_read(&counters->steps_us_done) +
           counter_read(&counters->builds_us_running) * (percent < 100 ? percent : 100) / 100;
}

static uint64_t snapshot_age_us(const struct watch *watch)
{
    uint64_t taken_us = atomic_load(&watch->snapshot_us);

    return taken_us > 0 ? clock_now_us() - taken_us : 0;
}

void pgfast_progress(const struct pgfast_run *run, struct pgfast_progress *progress)
{
    const struct counters *counters = &run->watch.counters;
    const char *phase = atomic_load(&run->watch.phase);

    *progress = (struct pgfast_progress){
        .entries_total = counter_read(&counters->entries_total),
        .entries_done = counter_read(&counters->entries_done),
        .raw_bytes_total = counter_read(&counters->raw_bytes_total),
        .raw_bytes_done = counter_read(&counters->raw_bytes_done),
        .stored_bytes_done = counter_read(&counters->stored_bytes_done),
        .rows_done = counter_read(&counters->rows_done),
        .sessions_busy = (unsigned)counter_read(&counters->sessions_busy),
        .errors = (unsigned)counter_read(&counters->errors),
        .elapsed_us = elapsed_us(run),
        .tables_loading = (unsigned)counter_read(&counters->tables_loading),
        .loads_running = (unsigned)counter_read(&counters->loads_running),
        .indexes_building = (unsigned)counter_read(&counters->indexes_building),
        .indexes_percent = (unsigned)counter_read(&counters->indexes_percent),
        .work_total =
            counter_read(&counters->load_us_total) + counter_read(&counters->steps_us_total),
        .work_done = load_work_done(counters) + steps_work_done(counters),
    };
    progress->snapshot_age_us = snapshot_age_us(&run->watch);
    snprintf(progress->phase, sizeof progress->phase, "%s", phase == NULL ? "starting" : phase);
}

void pgfast_cancel(struct pgfast_run *run)
{
    cancel_set(run->watch.cancel);
}

bool pgfast_finish(struct pgfast_run *run, struct pgfast_report *report, struct error *error)
{
    crew_join(run->coordinator);

    bool has_succeeded = run->has_succeeded;
    *report = run->report;
    report->elapsed_us = elapsed_us(run);
    if (!has_succeeded)
        *error = run->error;
    run_free(run);
    return has_succeeded;
}

bool pgfast_probe(const struct pgfast_connection *connection, bool *needs_password,
                  struct error *error)
{
    struct connection_words words = options_to_words(connection);
    struct connection *target = connection_create(&words);
    bool is_known = session_probe(target, needs_password, error);

    connection_free(target);
    return is_known;
}

/* All that the listing is made of lives in the arena or is lent by the archive. */
static bool list_archive(struct text *listing, const struct archive *archive, struct arena *arena,
                         const struct pgfast_selection *options, bool is_verbose,
                         struct error *error)
{
    struct selection_options wanted = options_to_selection(options);
    struct selection selection;

    if (options->use_list_path != NULL &&
        !read_list(&wanted.use_list, arena, options->use_list_path, error))
        return false;
    if (!selection_make(&selection, arena, archive->toc, &wanted, error))
        return false;
    list_print(listing, archive, &selection, is_verbose);
    return true;
}

bool pgfast_describe_placement(unsigned jobs, uint64_t memory_bytes, char *buffer,
                               size_t room_bytes, struct error *error)
{
    struct topology topology;
    struct placement placement;
    struct memory_plan memory;
    struct text text;

    topology_discover(&topology);
    placement_plan(&placement, &topology, options_choose_jobs(jobs));
    bool is_enough = memory_plan_make(&memory, &placement, true, memory_bytes, error);
    text_init(&text, TEXT_MAXIMUM);
    placement_describe(&text, &topology, &placement);
    snprintf(buffer, room_bytes, "%s", text.data);
    text_clear(&text);
    placement_clear(&placement);
    topology_clear(&topology);
    return is_enough;
}

bool pgfast_list(const char *path, const struct pgfast_selection *selection, bool is_verbose,
                 bool (*write)(void *context, const char *bytes, size_t length), void *context,
                 struct error *error)
{
    struct archive *archive;
    struct text listing;

    if (!archive_open(&archive, path, error))
        return false;
    struct arena *arena = arena_create();
    text_init(&listing, TEXT_MAXIMUM);

    bool is_listed = list_archive(&listing, archive, arena, selection, is_verbose, error);
    if (is_listed && listing.is_cut)
        is_listed = error_set(error, ERROR_RESOURCE, "the listing of \"%s\" is too long", path);
    /* What stops a write is known to the writer alone. */
    if (is_listed)
        (void)write(context, listing.data, listing.length_bytes);

    text_clear(&listing);
    arena_free(arena);
    archive_close(archive);
    return is_listed;
}

/* What stands in the way is the answer, too. */
static void append_failures(struct text *text, struct event_stream *events)
{
    struct event event;
    bool is_open;

    while (event_stream_next(events, 0, &event, &is_open)) {
        if (event.kind != EVENT_OBJECT_FAILED)
            continue;
        text_append_escaped(text, event.object);
        text_append(text, ": ");
        text_append_escaped(text, event.error.message);
        text_append_char(text, '\n');
    }
}

static bool rehearse(struct pgfast_run *run, struct text *text, struct error *error)
{
    if (run->restore.jobs == 0)
        run->restore.jobs = options_choose_jobs(0);
    return restore_rehearse(&run->restore, &run->watch, text, error);
}

bool pgfast_rehearse(const struct pgfast_restore_options *options,
                     bool (*write)(void *context, const char *bytes, size_t length), void *context,
                     struct error *error)
{
    struct pgfast_restore_options known = {0};
    struct text text;

    if (!options_copy_known(&known, sizeof known, options, options->struct_bytes, error))
        return false;
    struct pgfast_run *run =
        run_create(known.input_path, "no archive given", known.no_details, error);
    if (run == NULL)
        return false;
    run->restore = options_to_restore(&known);
    text_init(&text, TEXT_MAXIMUM);
    bool is_done = rehearse(run, &text, error);
    if (!is_done)
        append_failures(&text, run->watch.events);
    /* What stops a write is known to the writer alone. */
    (void)write(context, text.data, text.length_bytes);
    text_clear(&text);
    run_free(run);
    return is_done;
}
