#include "engine/restore/run.h"

#include "engine/archive/blob_list_file.h"
#include "engine/archive/data_reader.h"
#include "engine/archive/label.h"
#include "engine/base/arena.h"
#include "engine/base/fault.h"
#include "engine/base/memory.h"
#include "engine/flow/topology.h"
#include "engine/restore/advice.h"
#include "engine/restore/conduct.h"
#include "engine/restore/define_spread.h"
#include "engine/restore/endure.h"
#include "engine/restore/journal_begin.h"
#include "engine/restore/load_shared.h"
#include "engine/restore/observer.h"
#include "engine/restore/plan_entry.h"
#include "engine/restore/read_list.h"
#include "engine/restore/rehearsal.h"
#include "engine/restore/resume.h"
#include "engine/restore/untrusted.h"
#include "engine/server/watchdog.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct restore {
    const struct restore_options *options;
    struct watch *watch;
    struct arena *arena;
    struct archive *archive;
    struct selection selection;
    uint64_t *stored_bytes; /* by place in the selection */
    struct plan plan;
    struct target_settings settings;
    struct account account;
    struct connection *connection;
    struct target *target; /* the coordinator's session; NULL while a team works */
    struct journal_run journal;
    unsigned crashes; /* of the server, after which the work began again */
    struct watchdog *watchdog;
};

static bool select_entries(struct restore *restore, struct error *error)
{
    struct selection_options options = restore->options->selection;
    const char *list_path = restore->options->use_list_path;

    options.no_statistics = options.no_statistics || restore->options->untrusted;
    if (list_path != NULL && !read_list(&options.use_list, restore->arena, list_path, error))
        return false;
    if (!selection_make(&restore->selection, restore->arena, restore->archive->toc, &options,
                        error))
        return false;
    for (size_t i = 0; i < restore->selection.warning_count; i++)
        event_emit(restore->watch->events, EVENT_WARNING, "%s", restore->selection.warnings[i]);
    return true;
}

/* Of the data that the archive never had; the manifest names each. */
static void tell_losses(const struct restore *restore)
{
    const struct manifest *manifest = restore->archive->manifest;

    if (manifest == NULL || manifest->losses.count == 0)
        return;
    event_emit(restore->watch->events, EVENT_WARNING,
               "the archive lacks what could not be read when it was dumped, %zu %s; the first: %s",
               manifest->losses.count, manifest->losses.count == 1 ? "loss" : "losses",
               manifest->losses.items[0]);
}

static void measure_entries(struct restore *restore)
{
    const struct selection *selection = &restore->selection;

    restore->stored_bytes =
        arena_allocate(restore->arena, selection->count + 1, sizeof restore->stored_bytes[0]);
    for (size_t i = 0; i < selection->count; i++) {
        if (selection->entries[i].entry->has_data)
            restore->stored_bytes[i] =
                archive_entry_stored_bytes(restore->archive, selection->entries[i].entry);
    }
}

/* Switching triggers off is for tables that are there; new ones get theirs when the data is in. */
static bool restores_definitions(const struct restore *restore)
{
    const struct selection_options *options = &restore->options->selection;

    if (options->data_only || options->no_schema || options->statistics_only)
        return false;
    for (size_t i = 0; i < restore->selection.count; i++) {
        if (restore->selection.entries[i].wanted & WANT_SCHEMA)
            return true;
    }
    return false;
}

/* Recovery after a crash may take a server minutes. */
enum { RECONNECT_SECONDS = 300 };

static uint64_t reconnect_limit_us(const struct restore_options *options)
{
    return UINT64_C(1000000) *
           (options->reconnect_seconds > 0 ? options->reconnect_seconds : RECONNECT_SECONDS);
}

static bool make_settings(struct restore *restore, struct error *error)
{
    const struct restore_options *options = restore->options;
    const char *encoding;

    restore->settings = (struct target_settings){
        .archive = restore->archive,
        .statements =
            {
                .no_owner = options->no_owner || options->untrusted,
                .no_tablespaces = options->no_tablespaces,
                .no_table_access_method = options->no_table_access_method,
                .use_session_authorization = options->use_session_authorization,
                .if_exists = options->if_exists,
                .superuser = options->superuser,
            },
        .role = options->role,
        .enable_row_security = options->enable_row_security,
        .exit_on_error = options->exit_on_error || options->single_transaction,
        .is_one_transaction = options->single_transaction,
        .sessions = options->jobs > 0 ? options->jobs : 1,
        .watch = restore->watch,
        .reconnect_limit_us = reconnect_limit_us(options),
    };
    return statement_archive_settings(
        restore->archive->toc, &restore->settings.statements.conforming_strings,
        &restore->settings.statements.has_search_path, &encoding, restore->arena, error);
}

static bool check_list(const struct archive *archive, const struct toc_entry *entry,
                       struct error *error)
{
    struct blob_file *files;
    size_t count;
    bool is_list =
        blob_list_read(archive, archive_blob_list_name(archive, entry), &files, &count, error);

    free(files);
    return is_list;
}

static bool check_file(const struct archive *archive, const struct toc_entry *entry,
                       struct error *error)
{
    struct data_reader *reader;

    if (!data_reader_open(&reader, archive, entry->file_name, error))
        return false;
    data_reader_close(reader);
    return true;
}

/* What must be before anything is changed: files are there, which those with a size were when it
 * was measured, and a list's names are within the archive. */
static bool check_place(const struct restore *restore, size_t place, struct error *error)
{
    const struct selected_entry *selected = &restore->selection.entries[place];

    switch (plan_entry_action(selected)) {
    case PLAN_LOAD_BLOBS:
        return check_list(restore->archive, selected->entry, error);
    case PLAN_LOAD_TABLE:
    case PLAN_LOAD_PAGES:
        return restore->stored_bytes[place] > 0 ||
               check_file(restore->archive, selected->entry, error);
    default:
        return true;
    }
}

static bool check_files(const struct restore *restore, struct error *error)
{
    char label[LABEL_BYTES];

    for (size_t i = 0; i < restore->selection.count; i++) {
        if (check_place(restore, i, error) ||
            (restore->options->salvages && error->kind == ERROR_DAMAGED))
            continue;
        label_entry(label, restore->selection.entries[i].entry);
        error_prefix(error, "%s", label);
        return false;
    }
    return true;
}

static const struct manifest_file *find_file(const struct archive *archive, const char *name)
{
    char *full_name = data_reader_find_name(archive, name);
    const struct manifest_file *file = manifest_find(archive->manifest, full_name);

    free(full_name);
    return file;
}

/* 0: not known. Compressed archives of pg_dump do not tell. */
static uint64_t raw_bytes_of(const struct restore *restore, const struct toc_entry *entry)
{
    const struct archive *archive = restore->archive;

    if (archive->manifest == NULL)
        return archive->toc->header.compression == 0 ? archive_entry_stored_bytes(archive, entry)
                                                     : 0;
    const struct manifest_file *file = find_file(archive, entry->file_name);
    return file != NULL ? file->raw_bytes : 0;
}

/* Their files are not named in the table of contents, and they come all or none. */
static uint64_t raw_bytes_of_large_objects(const struct manifest *manifest)
{
    uint64_t raw_bytes = 0;

    for (size_t i = 0; i < manifest->count; i++) {
        if (strncmp(manifest->files[i].name, "blob_", strlen("blob_")) == 0)
            raw_bytes += manifest->files[i].raw_bytes;
    }
    return raw_bytes;
}

static uint64_t sum_raw_bytes(const struct restore *restore)
{
    const struct manifest *manifest = restore->archive->manifest;
    bool has_large_objects = false;
    uint64_t raw_bytes = 0;

    for (size_t i = 0; i < restore->plan.step_count; i++) {
        const struct plan_step *step = &restore->plan.steps[i];

        if (step->is_done)
            continue;
        has_large_objects = has_large_objects || step->action == PLAN_LOAD_BLOBS;
        if (step->action == PLAN_LOAD_TABLE || step->action == PLAN_LOAD_PAGES ||
            (step->action == PLAN_LOAD_BLOBS && manifest == NULL))
            raw_bytes += raw_bytes_of(restore, step->entry);
    }
    if (has_large_objects && manifest != NULL)
        raw_bytes += raw_bytes_of_large_objects(manifest);
    return raw_bytes;
}

/* As text compresses, where nothing is known; it need not be right. */
enum { LIKELY_EXPANSION = 3 };

static unsigned expansion_of(const struct archive *archive)
{
    uint64_t raw_bytes = 0, stored_bytes = 0;

    if (archive->toc->header.compression == 0)
        return 1;
    if (archive->manifest == NULL)
        return LIKELY_EXPANSION;
    for (size_t i = 0; i < archive->manifest->count; i++) {
        raw_bytes += archive->manifest->files[i].raw_bytes;
        stored_bytes += archive->manifest->files[i].size_bytes;
    }
    if (stored_bytes == 0 || raw_bytes <= stored_bytes)
        return 1;
    return (unsigned)((raw_bytes + stored_bytes / 2) / stored_bytes);
}

/* The entry of a group has a line for each of its objects. */
static uint64_t count_objects(const struct toc_entry *entry)
{
    const char *line = entry->type == ENTRY_BLOB_METADATA ? entry->definition : NULL;
    uint64_t count = entry->type == ENTRY_BLOB;

    for (; line != NULL && (line = strchr(line, '\n')) != NULL; line++)
        count++;
    return count;
}

/* Pages do not tell how many objects they belong to: some have none, others are in several files.
 */
static uint64_t count_packed_objects(const struct restore *restore)
{
    bool are_packed = false;
    uint64_t count = 0;

    for (size_t i = 0; i < restore->plan.step_count; i++)
        are_packed = are_packed || restore->plan.steps[i].action == PLAN_LOAD_PAGES;
    for (size_t i = 0; are_packed && i < restore->selection.count; i++)
        if (restore->selection.entries[i].wanted & WANT_DATA)
            count += count_objects(restore->selection.entries[i].entry);
    return count;
}

static void announce_work(const struct plan *plan, struct counters *counters)
{
    uint64_t load_us = 0, load_stored_bytes = 0, steps_us = 0;

    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];

        if (step->is_done)
            continue;
        if (step->action == PLAN_LOAD_TABLE) {
            load_us += step->cost_us;
            load_stored_bytes += step->stored_bytes;
        } else {
            steps_us += step->cost_us;
        }
    }
    counter_set(&counters->load_us_total, load_us);
    counter_set(&counters->load_stored_bytes_total, load_stored_bytes);
    counter_set(&counters->steps_us_total, steps_us);
}

static void announce_totals(const struct restore *restore)
{
    struct counters *counters = &restore->watch->counters;

    restore->account.totals->large_objects = count_packed_objects(restore);
    announce_work(&restore->plan, counters);

    counter_set(&counters->raw_bytes_total, sum_raw_bytes(restore));
    counter_set(&counters->entries_total, restore->plan.wanted_count);
}

static void tell_damage(struct restore *restore, const struct archive_damage *damage)
{
    struct event_stream *events = restore->watch->events;

    if (damage->is_unfinished)
        event_emit(events, EVENT_WARNING, "the dump was never finished");
    if (damage->manifest.kind != ERROR_NONE)
        event_emit(events, EVENT_WARNING, "the manifest cannot be used: %s",
                   damage->manifest.message);
    if (damage->toc.kind != ERROR_NONE)
        event_emit(events, EVENT_WARNING, "the table of contents may tell wrong things: %s",
                   damage->toc.message);
    restore->account.is_unproven = damage->is_unfinished || damage->manifest.kind != ERROR_NONE ||
                                   damage->toc.kind != ERROR_NONE;
}

static bool suggest_salvage(const struct restore_options *options, struct error *error)
{
    if (!options->salvages && error->kind == ERROR_DAMAGED && error->hint[0] == '\0')
        error_hint(error, "What is intact can be restored with --salvage.");
    return false;
}

/* Which sizes the files have is known before anything is touched; what they hold, before anything
 * of it is committed. */
static bool open_archive(struct restore *restore, struct error *error)
{
    const struct restore_options *options = restore->options;
    struct archive_damage damage = {.is_unfinished = false};

    if (options->salvages
            ? !archive_open_for_salvage(&restore->archive, options->input_path, &damage, error)
            : !archive_open(&restore->archive, options->input_path, error))
        return suggest_salvage(options, error);
    if (options->untrusted)
        folder_distrust(restore->archive->folder);
    if (options->salvages)
        tell_damage(restore, &damage);
    else if (!archive_check_sizes(restore->archive, error))
        return suggest_salvage(options, error);
    return true;
}

static void warn_of_lost_manifest(const struct restore *restore)
{
    if (archive_has_lost_manifest(restore->archive))
        event_emit(restore->watch->events, EVENT_WARNING,
                   "the archive has lost its manifest: damage that a file does not show by itself "
                   "will not be noticed");
}

static bool keeps_order(const struct restore *restore)
{
    return restore->options->jobs <= 1;
}

static void make_plan(struct restore *restore, bool keeps_order)
{
    const struct plan_options options = {
        .disables_triggers = restore->options->disable_triggers && !restores_definitions(restore),
        .keeps_order = keeps_order,
        .expansion = expansion_of(restore->archive),
        .gathers_statistics = !restore->options->no_analyze,
        .sessions = restore->options->jobs,
    };

    plan_make(&restore->plan, restore->arena, restore->archive->toc, &restore->selection,
              restore->stored_bytes, &options);
    load_shared_prepare(&restore->plan, restore->archive, restore->watch);
    losses_free(restore->account.losses);
    restore->account.losses =
        losses_create(&restore->plan, restore->archive, restore->watch->events);
    announce_totals(restore);
}

/* All that can be known without a server. */
static bool prepare(struct restore *restore, struct error *error)
{
    atomic_store(&restore->watch->phase, "reading the archive");
    if (!open_archive(restore, error))
        return false;
    warn_of_lost_manifest(restore);
    if (!make_settings(restore, error) || !select_entries(restore, error))
        return false;
    if (!untrusted_vet_databases(&restore->selection,
                                 restore->settings.statements.conforming_strings, error))
        return false;
    if (restore->options->untrusted &&
        !untrusted_vet(restore->archive->toc, &restore->selection, restore->watch->events, error))
        return false;
    tell_losses(restore);
    measure_entries(restore);
    make_plan(restore, keeps_order(restore));
    return check_files(restore, error);
}

static bool look_at_server(struct restore *restore, struct error *error)
{
    const char *question = "SELECT pg_catalog.pg_is_in_recovery(),"
                           " pg_catalog.current_setting('max_locks_per_transaction')::bigint *"
                           " (pg_catalog.current_setting('max_connections')::bigint +"
                           " pg_catalog.current_setting('max_prepared_transactions')::bigint),"
                           " pg_catalog.current_setting('block_size')";
    struct rows *rows;

    if (!session_query(restore->target->session, question, &rows, error))
        return false;
    bool is_standby = strcmp(rows_text(rows, 0, 0), "t") == 0;
    restore->settings.lock_slots = rows_number(rows, 0, 1);
    restore->settings.block_bytes = rows_number(rows, 0, 2);
    restore->target->batch_size =
        batch_size_for(restore->settings.lock_slots, restore->settings.sessions);
    rows_free(rows);
    if (!is_standby)
        return true;
    error_set(error, ERROR_CONFLICT, "the target server is a standby, which is read-only");
    error_hint(error, "Restore into its primary server.");
    return false;
}

/* From the first session on, all go to the server and user that it has found. */
static bool pin(struct restore *restore, struct error *error)
{
    struct connection *pinned = connection_pin(restore->target->session);

    if (pinned == NULL)
        return error_set(error, ERROR_RESOURCE, "no memory for the connection's parameters");
    connection_free(restore->connection);
    restore->connection = pinned;
    restore->target->connection = pinned;
    return true;
}

static bool open_target(struct restore *restore, struct error *error)
{
    if (!target_open_patiently(&restore->target, restore->connection, &restore->settings, error))
        return false;
    assert(restore->target != NULL);
    return pin(restore, error);
}

static bool connect(struct restore *restore, struct error *error)
{
    struct connection_words words = restore->options->connection;

    if (words.database == NULL && restore->options->selection.create)
        words.database = "postgres";
    atomic_store(&restore->watch->phase, "connecting");
    restore->connection = connection_create(&words);
    if (!open_target(restore, error))
        return false;
    if (restore->options->untrusted && !untrusted_check_user(restore->target->session, error))
        return false;
    if (!look_at_server(restore, error))
        return false;
    restore->watchdog =
        watchdog_start(restore->connection, restore->watch, restore->options->stall_seconds);
    return target_begin_whole(restore->target, error);
}

static bool move_to_database(struct restore *restore, const char *name, struct error *error)
{
    struct connection *moved = connection_to_database(restore->connection, name);

    target_close(restore->target);
    restore->target = NULL;
    connection_free(restore->connection);
    restore->connection = moved;
    return open_target(restore, error);
}

/* ---- the journal ---- */

/* The database is there, or nothing of its own would be in it. */
static void know_database(struct restore *restore)
{
    for (size_t i = 0; i < restore->plan.serial_count; i++)
        if (restore->plan.serial[i]->type == ENTRY_DATABASE)
            journal_keys_add(&restore->journal.done,
                             journal_key(JOURNAL_DEFINED, restore->plan.serial[i]->dump_id, 0));
    journal_keys_seal(&restore->journal.done);
}

/* What the earlier run has told, and cannot be made good by this one. */
static void tell_old_failures(struct restore *restore, const struct toc_entry *const *entries,
                              size_t count, const char *message, const char *hint)
{
    for (size_t i = 0; i < count; i++) {
        struct error error = {.kind = ERROR_NONE};
        char label[LABEL_BYTES];

        label_entry(label, entries[i]);
        error_set(&error, ERROR_OBJECTS, "%s", message);
        error_hint(&error, "%s", hint);
        event_emit_failure(restore->watch->events, label, &error);
        counter_add(&restore->watch->counters.errors, 1);
        restore->account.failed_objects++;
    }
}

static bool empty_half_loaded(struct restore *restore, const struct resume *resume,
                              struct error *error)
{
    for (size_t i = 0; i < resume->half_loaded_count; i++) {
        char label[LABEL_BYTES];

        label_entry(label, resume->half_loaded[i]);
        if (load_shared_clear(restore->target, resume->half_loaded[i], label, error))
            continue;
        error_prefix(error, "%s could not be emptied of the rows of an interrupted load", label);
        return false;
    }
    return true;
}

static bool apply_journal(struct restore *restore, struct error *error)
{
    struct resume resume;

    resume_apply(&resume, &restore->plan, restore->arena, &restore->journal.done);
    restore->plan.wanted_count -= resume.done_count;
    announce_totals(restore);
    event_emit(restore->watch->events, EVENT_INFO, "%zu entries are done already",
               resume.done_count);
    tell_old_failures(restore, resume.flawed, resume.flawed_count,
                      "something about it (its owner or a setting) failed before the interruption",
                      "The messages of that run say what.");
    tell_old_failures(restore, resume.forfeited, resume.forfeited_count,
                      "its rows failed to load before the interruption, and its triggers are there "
                      "by now",
                      "Load it by itself, with --data-only --disable-triggers -t.");
    return empty_half_loaded(restore, &resume, error);
}

/* With what has been done before: by another run, or by this one before the server crashed. */
static bool goes_on(const struct restore *restore)
{
    return restore->options->resume || restore->crashes > 0;
}

static bool begin_journal(struct restore *restore, struct error *error)
{
    const struct journal_request request = {
        .options = restore->options,
        .archive = restore->archive,
        .selection = &restore->selection,
        .keeps_order = keeps_order(restore),
        .resumes = goes_on(restore),
    };
    enum journal_course course;
    bool kept_order;

    if (!journal_begin(&request, restore->target, &restore->journal, &course, &kept_order, error))
        return false;
    if (course != JOURNAL_NONE)
        restore->settings.journal = &restore->journal;
    if (!request.resumes)
        return true;
    if (kept_order != keeps_order(restore)) {
        load_shared_release(&restore->plan);
        make_plan(restore, kept_order);
    }
    know_database(restore);
    return apply_journal(restore, error);
}

static const struct toc_entry *find_database_entry(const struct restore *restore)
{
    for (size_t i = 0; i < restore->plan.serial_count; i++)
        if (restore->plan.serial[i]->type == ENTRY_DATABASE)
            return restore->plan.serial[i];
    return NULL;
}

static bool database_exists(struct restore *restore, const char *name, bool *exists,
                            struct error *error)
{
    struct rows *rows;

    if (!session_query_parameters(restore->target->session,
                                  "SELECT FROM pg_catalog.pg_database WHERE datname = $1", 1, &name,
                                  &rows, error))
        return false;
    *exists = rows_count(rows) > 0;
    rows_free(rows);
    return true;
}

/* Before there is a journal in it, the interrupted run may have ended between the two statements
 * that make a database and give it to its owner. */
static bool own_database(struct restore *restore, const struct toc_entry *entry,
                         struct error *error)
{
    struct target *target = restore->target;
    struct statement_state state = {.user = NULL};
    struct statement_list list;

    if (!statement_create(&list, restore->arena, restore->archive->toc, entry,
                          &restore->settings.statements, &state, error))
        return false;
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i].purpose == STATEMENT_OWNER &&
            !session_execute(target->session, list.items[i].sql, error))
            return false;
    return true;
}

/* With --create the journal comes with the database, unless an interrupted run has made that. */
static bool prepare_journal(struct restore *restore, struct error *error)
{
    const struct toc_entry *database = find_database_entry(restore);
    bool exists = false;

    if (database == NULL)
        return begin_journal(restore, error);
    if (restore->options->resume && !database_exists(restore, database->tag, &exists, error))
        return false;
    return !exists || (move_to_database(restore, database->tag, error) &&
                       begin_journal(restore, error) && own_database(restore, database, error));
}

static bool is_database(const struct toc_entry *entry)
{
    return entry->type == ENTRY_DATABASE || entry->type == ENTRY_DATABASE_PROPERTIES;
}

/* What one entry brings about: false ends the restore. */
typedef bool conclude_entry(struct restore *restore, const struct toc_entry *entry,
                            const struct outcome *outcome, struct error *error);

static bool conclude_all(struct restore *restore, conclude_entry *conclude,
                         const struct toc_entry *const *entries, const struct outcome *outcomes,
                         size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!conclude(restore, entries[i], &outcomes[i], error))
            return false;
    return true;
}

/* All on the coordinator's session, which a conclusion may renew. */
static bool execute_all(struct restore *restore, enum execute_action action,
                        conclude_entry *conclude, const struct toc_entry *const *entries,
                        size_t count, struct error *error)
{
    bool is_well = true;

    for (size_t next = 0; is_well && next < count;) {
        struct outcome *outcomes =
            memory_allocate(restore->target->batch_size.most, sizeof outcomes[0]);
        size_t done =
            endure_entries(restore->target, action, entries + next, count - next, outcomes);

        is_well = conclude_all(restore, conclude, entries + next, outcomes, done, error);
        free(outcomes);
        next += done;
    }
    return is_well;
}

static bool is_to_be_dropped(const struct restore *restore, const struct selected_entry *selected)
{
    return (selected->wanted & (WANT_SCHEMA | WANT_DATA)) &&
           selected->entry->drop_statement != NULL &&
           (!restore->options->selection.create || is_database(selected->entry));
}

static bool conclude_drop(struct restore *restore, const struct toc_entry *entry,
                          const struct outcome *outcome, struct error *error)
{
    (void)entry;
    account_drop(&restore->account, outcome);
    if (outcome->stops)
        *error = outcome->error;
    return !outcome->stops;
}

static bool is_dropped(const struct restore *restore, const struct toc_entry *entry)
{
    return journal_keys_have(&restore->journal.done, execute_key(EXECUTE_DROP, entry));
}

/* An earlier run has got beyond it: what is there now is restored. */
static bool is_cleaned(const struct restore *restore)
{
    return journal_keys_have(&restore->journal.done, journal_key(JOURNAL_CLEANED, 0, 0));
}

static bool drop_all(struct restore *restore, struct error *error)
{
    const struct selection *selection = &restore->selection;
    const struct toc_entry **entries =
        arena_allocate(restore->arena, selection->count + 1, sizeof(struct toc_entry *));
    size_t count = 0;

    atomic_store(&restore->watch->phase, "dropping");
    for (size_t i = selection->count; i-- > 0;)
        if (is_to_be_dropped(restore, &selection->entries[i]) &&
            !is_dropped(restore, selection->entries[i].entry))
            entries[count++] = selection->entries[i].entry;
    return execute_all(restore, EXECUTE_DROP, conclude_drop, entries, count, error) &&
           target_note(restore->target, journal_key(JOURNAL_CLEANED, 0, 0), error);
}

/* What is there under the name of a database that cannot be created is another's. Why it cannot has
 * been told. */
static bool fail_database(const struct toc_entry *entry, const struct outcome *outcome,
                          struct error *error)
{
    bool exists = strcmp(outcome->error.sqlstate, "42P04") == 0;

    return error_set(error, exists ? ERROR_CONFLICT : outcome->error.kind,
                     "could not create database \"%s\"", entry->tag);
}

static bool conclude_definition(struct restore *restore, const struct toc_entry *entry,
                                const struct outcome *outcome, struct error *error)
{
    account_definition(&restore->account, outcome);
    if (outcome->stops) {
        *error = outcome->error;
        return false;
    }
    if (entry->type == ENTRY_DATABASE && !outcome->is_defined)
        return fail_database(entry, outcome, error);
    /* The properties hold for sessions that begin after them. */
    if (is_database(entry))
        return move_to_database(restore, entry->tag, error) &&
               (entry->type != ENTRY_DATABASE || begin_journal(restore, error));
    if (outcome->is_defined)
        plan_table_created(&restore->plan, entry);
    else if (restore->options->no_data_for_failed_tables)
        plan_table_failed(&restore->plan, entry);
    return true;
}

static bool define_in_order(struct restore *restore, const struct toc_entry *const *entries,
                            size_t count, struct error *error)
{
    return execute_all(restore, EXECUTE_DEFINITION, conclude_definition, entries, count, error);
}

/* What the team has not made is left to the coordinator's session. */
static bool define_by_team(struct restore *restore, const struct toc_entry *const *entries,
                           size_t count, struct error *error)
{
    const struct outcome made = {.is_defined = true};
    bool *is_made = arena_allocate(restore->arena, count, sizeof is_made[0]);
    const struct toc_entry **left =
        arena_allocate(restore->arena, count, sizeof(struct toc_entry *));
    size_t left_count = 0;

    counter_set(&restore->watch->counters.sessions_busy, restore->settings.sessions);
    if (!define_spread(entries, count, restore->arena, restore->connection, &restore->settings,
                       is_made, error))
        return false;
    counter_set(&restore->watch->counters.sessions_busy, 1);
    for (size_t i = 0; i < count; i++) {
        if (!is_made[i])
            left[left_count++] = entries[i];
        else if (!conclude_definition(restore, entries[i], &made, error))
            return false;
    }
    return define_in_order(restore, left, left_count, error);
}

/* Fewer are not worth new sessions. A restore that ends with its first failure must know which one
 * that is, and a list of the user's has an order of its own. */
enum { SPREAD_ENTRIES = 200 };

static bool is_worth_spreading(const struct restore *restore, size_t count)
{
    return count >= SPREAD_ENTRIES && restore->settings.sessions > 1 &&
           !restore->settings.exit_on_error && restore->options->use_list_path == NULL;
}

/* The entries that go in order before the next that are worth spreading, or before the end. */
static size_t count_in_order(const struct restore *restore, const struct toc_entry *const *entries,
                             size_t count)
{
    size_t next = 0;

    while (next < count) {
        size_t length = spread_length(entries + next, count - next);

        if (is_worth_spreading(restore, length))
            break;
        next += length > 0 ? length : 1;
    }
    return next;
}

static bool define_all(struct restore *restore, struct error *error)
{
    const struct toc_entry *const *entries = restore->plan.serial;
    const struct toc_entry *const *end = entries + restore->plan.serial_count;

    atomic_store(&restore->watch->phase, "pre-data");
    counter_set(&restore->watch->counters.sessions_busy, 1);
    while (entries < end) {
        size_t count = count_in_order(restore, entries, (size_t)(end - entries));

        if (!define_in_order(restore, entries, count, error))
            return false;
        entries += count;
        count = spread_length(entries, (size_t)(end - entries));
        if (count > 0 && !define_by_team(restore, entries, count, error))
            return false;
        entries += count;
    }
    return true;
}

static struct advice_archive facts_for_advice(const struct restore *restore)
{
    uint64_t expansion = expansion_of(restore->archive);
    struct advice_archive archive = {.rows_bytes =
                                         counter_read(&restore->watch->counters.raw_bytes_total)};

    for (size_t i = 0; i < restore->plan.step_count; i++) {
        const struct plan_step *step = &restore->plan.steps[i];

        archive.duration_us += step->cost_us;
        if (step->action == PLAN_DEFINE &&
            (step->entry->type == ENTRY_INDEX || step->entry->type == ENTRY_CONSTRAINT))
            archive.index_bytes += step->stored_bytes * expansion;
    }
    archive.duration_us /= restore->settings.sessions > 0 ? restore->settings.sessions : 1;
    return archive;
}

static void find_advice(char advice[ADVICE_BYTES], const struct restore *restore,
                        const struct server_facts *facts)
{
    const struct advice_archive archive = facts_for_advice(restore);

    advice_give(advice, facts, &archive);
}

static void advise(const struct restore *restore, const struct server_facts *facts)
{
    char advice[ADVICE_BYTES];

    find_advice(advice, restore, facts);
    if (advice[0] != '\0')
        event_emit(restore->watch->events, EVENT_INFO, "%s", advice);
}

/* Only of a server on this machine can be told what it runs on. */
static unsigned count_server_processors(const struct session *session)
{
    struct topology topology;

    if (!session_is_local(session))
        return 0;
    topology_discover(&topology);

    unsigned usable = topology.usable;

    topology_clear(&topology);
    return usable;
}

static struct maintenance_limits limits_without_facts(const struct restore *restore,
                                                      const struct session *session)
{
    return (struct maintenance_limits){
        .sessions = restore->options->single_transaction ? 1 : restore->settings.sessions,
        .processors = count_server_processors(session),
        .budget_bytes = restore->options->maintenance_bytes,
    };
}

/* Only where something large is at hand is the server asked what it has. */
#define WORTH_ADVICE_BYTES (UINT64_C(128) << 20)
static bool limit_maintenance(struct restore *restore, struct maintenance *maintenance,
                              struct error *error)
{
    struct maintenance_limits limits = limits_without_facts(restore, restore->target->session);

    maintenance_init(maintenance, &restore->plan, expansion_of(restore->archive));
    if (!maintenance_is_large(maintenance) &&
        counter_read(&restore->watch->counters.raw_bytes_total) < WORTH_ADVICE_BYTES)
        return true;
    if (!server_facts_read(&limits.facts, restore->target->session, error))
        return false;
    maintenance_limit(maintenance, &limits);
    advise(restore, &limits.facts);
    return true;
}

/* The coordinator's session makes room for the team's: where connections are few, all of them work.
 */
static bool take_steps(struct restore *restore, struct error *error)
{
    struct maintenance maintenance;
    const struct conduct_work work = {
        .plan = &restore->plan, .maintenance = &maintenance, .account = &restore->account};

    plan_fit_server(&restore->plan, session_server_version(restore->target->session));
    if (!limit_maintenance(restore, &maintenance, error) &&
        (!target_is_recoverable(restore->target) || !target_recover(restore->target, error) ||
         !limit_maintenance(restore, &maintenance, error)))
        return false;
    if (restore->options->single_transaction)
        return conduct_alone(&work, restore->target, error) &&
               target_commit_whole(restore->target, error);
    target_close(restore->target);
    restore->target = NULL;
    struct observer *observer = observer_start(restore->connection, restore->watch);
    bool is_done = conduct_team(&work, restore->connection, &restore->settings,
                                restore->settings.sessions, error);
    observer_stop(observer);
    return is_done;
}

/* The session was lost while it removed the journal: with it, what the other one needs to take part
 * may be gone. */
static bool is_removed_after_all(struct restore *restore, bool *is_removed, struct error *error)
{
    unsigned number = restore->target->number;

    target_close(restore->target);
    restore->target = NULL;
    if (open_target(restore, error)) {
        *is_removed = false;
        return journal_await_end(restore->target->session, restore->watch->cancel, number,
                                 restore->settings.reconnect_limit_us, error);
    }
    *is_removed = strcmp(error->sqlstate, "42P01") == 0 || strcmp(error->sqlstate, "3F000") == 0;
    return *is_removed;
}

/* With the commit that makes all others durable. */
static bool remove_journal(struct restore *restore, struct error *error)
{
    bool is_removed = false;

    for (;;) {
        FAULT_POINT("restore.journal_remove.before");
        is_removed = journal_remove(restore->target->session, error);
        FAULT_POINT("restore.journal_remove.after");
        if (is_removed || !target_is_recoverable(restore->target))
            break;
        if (!is_removed_after_all(restore, &is_removed, error))
            return false;
        if (is_removed)
            break;
    }
    if (is_removed)
        restore->settings.journal = NULL;
    return is_removed;
}

/* Also where objects have failed: what is there should stay. */
static bool make_durable(struct restore *restore, struct error *error)
{
    if (restore->options->single_transaction)
        return true;
    if (restore->target == NULL && !open_target(restore, error))
        return false;
    if (restore->settings.journal != NULL) {
        if (remove_journal(restore, error))
            return true;
        error_prefix(error, "all is restored, but the journal (schema " JOURNAL_SCHEMA
                            ") could not be removed");
        return false;
    }
    if (target_make_durable(restore->target, error))
        return true;
    error_prefix(error, "could not make the restored data durable");
    return false;
}

static bool check_salvage(const struct restore_options *options, struct error *error)
{
    if (options->salvages && options->single_transaction)
        return error_set(error, ERROR_USAGE,
                         "what is damaged cannot be left out of a single transaction");
    if (options->salvages && options->exit_on_error)
        return error_set(error, ERROR_USAGE, "a salvage does not stop at an error");
    return true;
}

static bool check_options(const struct restore_options *options, struct error *error)
{
    if (options->untrusted && (options->clean || options->selection.create))
        return error_set(error, ERROR_USAGE,
                         "an untrusted archive may neither drop objects nor create a database");
    if (!check_salvage(options, error))
        return false;
    if (options->resume && options->no_journal)
        return error_set(error, ERROR_USAGE, "without a journal nothing can be resumed");
    if (!options->single_transaction)
        return true;
    if (options->resume)
        return error_set(error, ERROR_USAGE,
                         "a restore in one transaction leaves nothing to be resumed");
    if (options->jobs > 1)
        return error_set(error, ERROR_USAGE, "one transaction cannot hold several jobs");
    if (options->selection.create)
        return error_set(error, ERROR_USAGE, "a database cannot be created in a transaction");
    return true;
}

/* With --create only databases are dropped, before they are made. */
static bool cleans(const struct restore *restore)
{
    return restore->options->clean && !is_cleaned(restore) &&
           !(goes_on(restore) && restore->options->selection.create);
}

static bool work(struct restore *restore, struct error *error)
{
    if (cleans(restore) && !drop_all(restore, error))
        return false;
    return define_all(restore, error) && take_steps(restore, error) && make_durable(restore, error);
}

/* A server that crashes again and again does so because of the work. */
enum { MOST_CRASHES = 3 };

static bool begins_again(const struct restore *restore)
{
    return atomic_load(&restore->journal.has_crashed) && restore->crashes < MOST_CRASHES &&
           !cancel_is_set(restore->watch->cancel);
}

/* What the server had told to be committed may be lost, up to any point, but the journal is lost up
 * to the same: all that is known is what it says, as for another run. */
static bool begin_again(struct restore *restore, struct error *error)
{
    restore->crashes++;
    event_emit(restore->watch->events, EVENT_WARNING,
               "the server has crashed: the restore goes on from what is left in it");
    target_close(restore->target);
    restore->target = NULL;
    restore->settings.journal = NULL;
    atomic_store(&restore->journal.has_crashed, false);
    journal_keys_clear(&restore->journal.done);
    restore->account.failed_objects = restore->account.failed_drops = 0;
    restore->account.is_damaged = false;
    load_shared_release(&restore->plan);
    make_plan(restore, keeps_order(restore));
    return open_target(restore, error) && begin_journal(restore, error);
}

static bool perform(struct restore *restore, struct error *error)
{
    if (!check_options(restore->options, error) || !prepare(restore, error) ||
        !connect(restore, error) || !prepare_journal(restore, error))
        return false;

    bool is_done = work(restore, error);

    while (!is_done && begins_again(restore))
        is_done = begin_again(restore, error) && work(restore, error);
    if (!is_done && atomic_load(&restore->journal.has_crashed))
        error->kind = ERROR_SERVER;
    return is_done && account_close(&restore->account, error);
}

static void tell_way_on(const struct restore *restore, struct error *error)
{
    static const char way[] = "What is done is kept: go on with the same command and --resume.";

    if (error->hint[0] == '\0' && error->kind != ERROR_CANCELLED)
        error_hint(error, "%s", way);
    else
        event_emit(restore->watch->events, EVENT_INFO, "%s", way);
}

bool restore_run(const struct restore_options *options, struct watch *watch,
                 struct restore_totals *totals, struct error *error)
{
    struct error stalled;
    struct restore restore = {
        .options = options,
        .watch = watch,
        .arena = arena_create(),
        .account = {.totals = totals, .watch = watch, .salvages = options->salvages},
    };

    *totals = (struct restore_totals){.entries = 0};
    bool is_done = perform(&restore, error);
    if (!watchdog_stop(restore.watchdog, &stalled) && !is_done)
        *error = stalled;
    if (!is_done && restore.settings.journal != NULL)
        tell_way_on(&restore, error);
    target_close(restore.target);
    journal_keys_clear(&restore.journal.done);
    connection_free(restore.connection);
    losses_free(restore.account.losses);
    load_shared_release(&restore.plan);
    archive_close(restore.archive);
    arena_free(restore.arena);
    return is_done;
}

static void take_facts(struct restore *restore, struct maintenance *maintenance,
                       const struct session *session, struct maintenance_limits *limits,
                       struct text *text)
{
    char advice[ADVICE_BYTES];

    plan_fit_server(&restore->plan, session_server_version(session));
    maintenance_init(maintenance, &restore->plan, expansion_of(restore->archive));
    maintenance_limit(maintenance, limits);
    server_facts_print(text, &limits->facts, session_server_version(session));
    find_advice(advice, restore, &limits->facts);
    if (advice[0] != '\0')
        text_print(text, "; %s\n", advice);
}

/* Where a database is named, its server is asked what it has, and nothing else. */
static bool rehearse_with_server(struct restore *restore, struct maintenance *maintenance,
                                 struct text *text, struct error *error)
{
    struct session *session;

    maintenance_init(maintenance, &restore->plan, expansion_of(restore->archive));
    if (restore->options->connection.database == NULL)
        return true;
    restore->connection = connection_create(&restore->options->connection);
    bool is_open = session_open(&session, restore->connection, "pgfast restore",
                                restore->watch->cancel, error);
    connection_free(restore->connection);
    if (!is_open)
        return false;
    struct maintenance_limits limits = limits_without_facts(restore, session);
    bool is_read = server_facts_read(&limits.facts, session, error);
    if (is_read)
        take_facts(restore, maintenance, session, &limits, text);
    session_close(session);
    return is_read;
}

bool restore_rehearse(const struct restore_options *options, struct watch *watch, struct text *text,
                      struct error *error)
{
    struct restore_totals totals = {.entries = 0};
    struct restore restore = {
        .options = options,
        .watch = watch,
        .arena = arena_create(),
        .account = {.totals = &totals, .watch = watch},
    };
    struct rehearsal rehearsal;
    struct maintenance maintenance;

    bool is_done = check_options(options, error) && prepare(&restore, error) &&
                   rehearse_with_server(&restore, &maintenance, text, error);
    if (is_done) {
        rehearse(&rehearsal, restore.arena, &restore.plan, &maintenance, restore.settings.sessions);
        rehearsal_print(text, &rehearsal, &restore.plan, restore.settings.sessions);
    }
    losses_free(restore.account.losses);
    load_shared_release(&restore.plan);
    archive_close(restore.archive);
    arena_free(restore.arena);
    return is_done;
}
