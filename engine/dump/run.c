#include "engine/dump/run.h"

#include "engine/archive/folder.h"
#include "engine/archive/manifest.h"
#include "engine/base/arena.h"
#include "engine/base/clock.h"
#include "engine/dump/choices.h"
#include "engine/dump/data_flow.h"
#include "engine/dump/early_reads.h"
#include "engine/dump/explain.h"
#include "engine/dump/find_pg_dump.h"
#include "engine/dump/identity.h"
#include "engine/dump/locks.h"
#include "engine/dump/losses.h"
#include "engine/dump/memory_plan.h"
#include "engine/dump/pg_dump_command.h"
#include "engine/dump/planned.h"
#include "engine/dump/same_server.h"
#include "engine/dump/seal.h"
#include "engine/dump/session_setup.h"
#include "engine/dump/stable_snapshot.h"
#include "engine/flow/jobs.h"
#include "engine/flow/topology.h"
#include "engine/server/watchdog.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OLDEST_SERVER = 110000 };

/* What a dump holds from its beginning to its end; everything is released in one place, whatever
 * happened. */
struct dump {
    const struct dump_options *options;
    struct watch *watch;
    struct dump_totals *totals;
    struct arena *arena;
    struct topology topology; /* of this machine */
    struct dump_choices choices;

    struct session *coordinator; /* its transaction holds the snapshot and the locks, to the end */
    struct session *observer;    /* sees the present */
    struct watchdog *watchdog;   /* from the first session on */
    struct connection *connection;
    const char *encoding; /* of the archive, and of every session that reads for it */
    char server_mark[SERVER_MARK_BYTES];
    struct pg_dump_program program;
    struct folder *folder;

    struct stable_snapshot snapshot;
    struct planned planned;

    struct early_reads *early;
    struct data_flow *flow;
    struct holding holding;
    struct manifest *manifest;
};

/* ---- connecting ---- */

/* Byte for byte as the server stores it, unless the user says otherwise: a client_encoding that
 * belongs to a role could not carry every character. */
static const char *choose_encoding(const struct dump *dump)
{
    if (dump->options->encoding)
        return dump->options->encoding;
    return session_parameter(dump->coordinator,
                             getenv("PGCLIENTENCODING") ? "client_encoding" : "server_encoding");
}

static bool open_observer(struct dump *dump, struct error *error)
{
    if (!session_open(&dump->observer, dump->connection, "pgfast", dump->watch->cancel, error))
        return false;
    session_show_pulse(dump->observer, &dump->watch->pulses);
    return same_server_set_up(dump->observer, dump->options, dump->encoding, dump->server_mark,
                              error);
}

static void start_watchdog(struct dump *dump)
{
    const struct watchdog_limits limits = {
        .stall_seconds = dump->options->stall_seconds,
        .snapshot_seconds = dump->options->most_snapshot_seconds,
    };

    dump->watchdog = watchdog_start(dump->connection, dump->watch, &limits);
}

static bool connect_sessions(struct dump *dump, struct error *error)
{
    struct connection *words = connection_create(&dump->options->connection);
    bool is_open = session_open(&dump->coordinator, words, "pgfast", dump->watch->cancel, error);

    connection_free(words);
    if (!is_open)
        return false;
    session_show_pulse(dump->coordinator, &dump->watch->pulses);
    dump->connection = connection_pin(dump->coordinator);
    start_watchdog(dump);
    if (!session_setup_apply(dump->coordinator, dump->options, error))
        return false;
    if (session_server_version(dump->coordinator) < OLDEST_SERVER)
        return error_set(error, ERROR_VERSION,
                         "server version %s is too old, pgfast dumps from 11 on",
                         session_parameter(dump->coordinator, "server_version"));
    dump->encoding = arena_copy_text(dump->arena, choose_encoding(dump));
    if (!session_setup_encoding(dump->coordinator, dump->encoding, error) ||
        !server_mark_read(dump->coordinator, dump->server_mark, error))
        return false;
    return open_observer(dump, error);
}

/* What -j auto means here: chosen once it is known what the server and its data are like. */
static bool choose_jobs(const struct dump *dump, unsigned *jobs, struct error *error)
{
    struct jobs_facts facts = {.processors = dump->topology.usable};

    if (*jobs > 0)
        return true;
    if (!schema_read_room(&facts.free_connections, &facts.data_bytes, dump->coordinator, error))
        return false;
    *jobs = jobs_choose(&facts);
    return true;
}

/* Early, so that nobody waits for a snapshot to be told. The data may need fewer workers, which
 * need less. */
static bool check_memory(const struct dump *dump, struct error *error)
{
    struct placement placement;
    struct memory_plan plan;

    placement_plan(&placement, &dump->topology, dump->options->jobs);
    bool is_enough = memory_plan_make(&plan, &placement, true, dump->options->memory_bytes, error);
    placement_clear(&placement);
    return is_enough;
}

/* ---- snapshot and plan ---- */

/* Who does not wait for the disk wants the page cache. */
static bool is_direct(const struct dump *dump)
{
    if (dump->choices.direct_io == DIRECT_AUTO)
        return dump->choices.sync != SYNC_NOTHING && folder_prefers_direct_io(dump->folder);
    return dump->choices.direct_io == DIRECT_ON;
}

static struct data_flow_options describe_flow(const struct dump *dump)
{
    return (struct data_flow_options){
        .workers =
            {
                .options = dump->options,
                .connection = dump->connection,
                .encoding = dump->encoding,
                .server_mark = dump->server_mark,
                .coordinator = dump->coordinator,
                .count = dump->options->jobs,
                .watch = dump->watch,
            },
        .pipeline =
            {
                .folder = dump->folder,
                .codec = dump->choices.codec,
                .settings = dump->choices.codec_settings,
                .engine = dump->choices.engine,
                .topology = &dump->topology,
                .sync = dump->choices.sync,
                .is_direct = is_direct(dump),
                .memory_bytes = dump->options->memory_bytes,
                .bytes_per_second = dump->options->bytes_per_second,
                .watch = dump->watch,
            },
    };
}

static void prepare_early_reads(struct dump *dump, const struct data_flow_options *flow)
{
    const struct early_reads_options options = {
        .options = dump->options,
        .arena = dump->arena,
        .coordinator = dump->coordinator,
        .observer = dump->observer,
        .format = dump->choices.data_format,
        .flow = flow,
        .started = &dump->flow,
    };

    dump->early = early_reads_create(&options);
}

static bool take_snapshot(struct dump *dump, struct error *error)
{
    const struct data_flow_options flow = describe_flow(dump);

    prepare_early_reads(dump, &flow);

    const struct stable_snapshot_request request = {
        .options = dump->options,
        .coordinator = dump->coordinator,
        .observer = dump->observer,
        .connection = dump->connection,
        .encoding = dump->options->encoding ? NULL : dump->encoding,
        .program = &dump->program,
        .folder = dump->folder,
        .early = dump->early,
        .watch = dump->watch,
    };

    dump->watch->phase = "definitions";
    event_emit(dump->watch->events, EVENT_DETAIL, "reading definitions with %s (%s)",
               dump->program.path, dump->program.version);
    if (!stable_snapshot_take(&dump->snapshot, &request, error))
        return false;
    pg_dump_command_forget_input(dump->folder);
    return true;
}

static bool make_plan(struct dump *dump, struct error *error)
{
    const struct planned_request request = {
        .options = dump->options,
        .choices = &dump->choices,
        .definitions = dump->snapshot.toc,
        .early = dump->early,
        .coordinator = dump->coordinator,
        .arena = dump->arena,
    };

    return planned_make(&dump->planned, &request, error);
}

/* ---- data ---- */

static bool start_flow(struct dump *dump, struct error *error)
{
    struct data_flow_options options = describe_flow(dump);

    if (dump->flow)
        return true;
    if (options.workers.count > dump->planned.plan.count)
        options.workers.count = dump->planned.plan.count ? (unsigned)dump->planned.plan.count : 1;
    return data_flow_start(&dump->flow, &options, error);
}

static bool copy_data(struct dump *dump, struct error *error)
{
    const struct wave_request wave = {.snapshot = dump->snapshot.name,
                                      .tasks = dump->planned.plan.tasks,
                                      .count = dump->planned.plan.count};

    dump->watch->phase = "data";
    counter_set(&dump->watch->counters.entries_total,
                dump->planned.plan.count + dump->planned.plan.early_count);
    counter_set(&dump->watch->counters.raw_bytes_total, dump->planned.plan.total_bytes);
    data_flow_add(dump->flow, &wave);
    dump->holding.snapshot = dump->snapshot.name;
    dump->holding.oids = locks_list(dump->snapshot.toc, dump->arena, &dump->holding.count);
    data_flow_keep(dump->flow, &dump->holding);
    return data_flow_finish(dump->flow, error);
}

/* Where rows were being read meanwhile, that failure may be the cause of this one. */
static void stop_flow(struct dump *dump, struct error *error)
{
    struct error cause;

    if (!dump->flow)
        return;
    cancel_set(dump->watch->cancel);
    if (!data_flow_finish(dump->flow, &cause) && error->kind == ERROR_CANCELLED)
        *error = cause;
}

/* Nobody else looks at the planned table of contents any more. */
static void take_rescued(struct dump *dump)
{
    for (const struct rescued_entry *rescued = data_flow_rescued(dump->flow); rescued;
         rescued = rescued->next)
        *dump->planned.toc->by_dump_id[rescued->entry.dump_id] = rescued->entry;
}

/* ---- the end ---- */

static void describe_warnings(const struct dump *dump)
{
    const char *warning;

    for (size_t i = 0; (warning = event_stream_warning(dump->watch->events, i)) != NULL; i++)
        manifest_add_text(dump->manifest, &dump->manifest->warnings, warning);
}

static const char *known_text(const char *text)
{
    return text[0] ? text : NULL;
}

static void describe(struct dump *dump, const char *started_at)
{
    struct manifest *manifest = manifest_create();

    dump->manifest = manifest;
    manifest->pgfast_version = PGFAST_VERSION;
    manifest->pg_dump_version = dump->program.version;
    manifest->server_version =
        arena_copy_text(manifest->arena, session_parameter(dump->coordinator, "server_version"));
    manifest->database = arena_copy_text(manifest->arena, session_database(dump->coordinator));
    manifest->snapshot_lsn = known_text(dump->snapshot.lsn);
    manifest->snapshot_time = known_text(dump->snapshot.time);
    manifest->started_at = started_at;
    manifest->codec = dump->choices.compression;
    identity_of_source(manifest, dump->observer);
    identity_of_options(manifest, dump->options);
    describe_warnings(dump);
    losses_describe(data_flow_losses(dump->flow), manifest);
    dump->totals->losses = manifest->losses.count;
}

static bool seal(struct dump *dump, const char *started_at, struct error *error)
{
    dump->watch->phase = "sealing";
    describe(dump, started_at);

    const struct seal_request request = {
        .folder = dump->folder,
        .plan = &dump->planned.plan,
        .writer = data_flow_writer(dump->flow),
        .ledger = data_flow_ledger(dump->flow),
        .manifest = dump->manifest,
        .totals = dump->totals,
    };

    dump->totals->tables = dump->planned.plan.table_count;
    dump->totals->large_objects = dump->planned.plan.large_object_count;
    dump->totals->chunks = dump->planned.plan.piece_count;
    return seal_archive(&request, error);
}

static void release(struct dump *dump)
{
    data_flow_free(dump->flow);
    early_reads_free(dump->early);
    manifest_free(dump->manifest);
    planned_clear(&dump->planned);
    toc_free(dump->snapshot.toc);
    session_close(dump->observer);
    session_close(dump->coordinator);
    connection_free(dump->connection);
    folder_close(dump->folder);
    topology_clear(&dump->topology);
    arena_free(dump->arena);
}

/* Containers often forbid it; nothing but speed depends on it. */
static void tell_engine(const struct dump *dump)
{
    const char *asked = dump->options->io_engine ? dump->options->io_engine : "auto";

    if (strcmp(asked, "auto") == 0 && dump->choices.engine != &io_engine_uring)
        event_emit(dump->watch->events, EVENT_INFO,
                   "io_uring is not to be had here, so files are written by %s",
                   dump->choices.engine->name);
}

static bool run_in_folder(struct dump *dump, const char *started_at, struct error *error)
{
    tell_engine(dump);
    if (!find_pg_dump(&dump->program, dump->options->pg_bindir,
                      session_server_version(dump->coordinator), error) ||
        !take_snapshot(dump, error) || !make_plan(dump, error))
        return false;
    if (!start_flow(dump, error) || !copy_data(dump, error))
        return false;
    take_rescued(dump);
    return seal(dump, started_at, error);
}

static bool tell_losses(const struct dump_options *options, const struct dump_totals *totals,
                        struct error *error)
{
    error_set(error, ERROR_OBJECTS, "archive \"%s\" is complete but for %llu %s",
              options->output_path, (unsigned long long)totals->losses,
              totals->losses == 1 ? "loss" : "losses");
    error_hint(error,
               "What could not be read is named above, and in the archive. Unless it is only "
               "too large, look after the server's disk, and keep the archives that you "
               "have.");
    return false;
}

bool dump_run(const struct dump_options *options, struct watch *watch, struct dump_totals *totals,
              struct error *error)
{
    struct dump_options chosen = *options;
    struct error stalled;
    struct dump dump = {
        .options = &chosen, .watch = watch, .totals = totals, .arena = arena_create()};
    char started_at[32];

    clock_format_utc(started_at, sizeof(started_at), time(NULL));
    topology_discover(&dump.topology);
    watch->phase = "connecting";

    bool is_ready = choices_make(&dump.choices, options, error) && connect_sessions(&dump, error) &&
                    choose_jobs(&dump, &chosen.jobs, error) && check_memory(&dump, error) &&
                    folder_create(&dump.folder, options->output_path, error);
    bool is_done = false;

    if (is_ready) {
        folder_set_sync(dump.folder, !options->no_sync);
        is_done = run_in_folder(&dump, started_at, error);
        if (!is_done) {
            stop_flow(&dump, error);
            explain_failure(error, dump.connection, &watch->counters);
            folder_explain_no_space(dump.folder, explain_needed_bytes(&watch->counters), error);
            folder_discard(dump.folder);
        }
    }
    if (!watchdog_stop(dump.watchdog, &stalled) && !is_done)
        *error = stalled;
    release(&dump);
    return is_done && (totals->losses == 0 || tell_losses(options, totals, error));
}
