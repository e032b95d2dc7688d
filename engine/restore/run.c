#include "engine/restore/run.h"

#include "engine/restore/conduct.h"
#include "engine/restore/connect.h"
#include "engine/restore/define_all.h"
#include "engine/restore/drop_all.h"
#include "engine/restore/maintenance_limits.h"
#include "engine/restore/make_durable.h"
#include "engine/restore/observer.h"
#include "engine/restore/options_check.h"
#include "engine/restore/preflight.h"
#include "engine/restore/prepare.h"
#include "engine/restore/restore.h"
#include "engine/restore/take_up.h"
#include "engine/restore/take_up_database.h"

/* The coordinator's session makes room for the team's: where connections are few, all of them work.
 */
static bool take_steps(struct restore *restore, struct error *error)
{
    struct maintenance maintenance;
    const struct conduct_work work = {
        .plan = &restore->plan, .maintenance = &maintenance, .account = &restore->account};

    plan_fit_server(&restore->plan, session_server_version(restore->target->session));
    if (!maintenance_limits_find(restore, &maintenance, error))
        return false;
    if (restore->options->single_transaction)
        return conduct_alone(&work, restore->target, error) &&
               target_commit_whole(restore->target, error);
    connect_close(restore);
    struct observer *observer = observer_start(restore->connection, restore->watch);
    bool is_done = conduct_team(&work, restore->connection, &restore->settings,
                                restore->settings.sessions, error);
    observer_stop(observer);
    return is_done;
}

static bool work(struct restore *restore, struct error *error)
{
    if (drop_is_due(restore) && !drop_all(restore, error))
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
    connect_close(restore);
    restore->settings.journal = NULL;
    atomic_store(&restore->journal.has_crashed, false);
    journal_keys_clear(&restore->journal.done);
    restore->account.failed_objects = restore->account.failed_drops = 0;
    restore->account.is_damaged = restore->account.found_no_room = false;
    prepare_plan(restore, restore_keeps_order(restore));
    return connect_open(restore, error) && take_up_journal(restore, error);
}

/* Up to here nothing is changed. */
static bool prepare(struct restore *restore, struct error *error)
{
    if (!options_check(restore->options, error) || !prepare_without_server(restore, error) ||
        !connect_first(restore, error))
        return false;
    preflight_tell_missing(restore);
    return preflight_check_tables(restore, error);
}

static bool perform(struct restore *restore, struct error *error)
{
    if (!prepare(restore, error) || !target_begin_whole(restore->target, error) ||
        !take_up_database(restore, error))
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
    const char *way =
        restore->account.found_no_room
            ? "What is done is kept: make room on the server, and go on with the same command and "
              "--resume."
            : "What is done is kept: go on with the same command and --resume.";

    if (error->hint[0] == '\0' && error->kind != ERROR_CANCELLED)
        error_hint(error, "%s", way);
    else
        event_emit(restore->watch->events, EVENT_INFO, "%s", way);
}

bool restore_run(const struct restore_options *options, struct watch *watch,
                 struct restore_totals *totals, struct error *error)
{
    struct restore restore;
    struct error stalled;

    restore_init(&restore, options, watch, totals);
    bool is_done = perform(&restore, error);
    if (!watchdog_stop(restore.watchdog, &stalled) && !is_done)
        *error = stalled;
    if (!is_done && restore.settings.journal != NULL)
        tell_way_on(&restore, error);
    restore_clear(&restore);
    return is_done;
}
