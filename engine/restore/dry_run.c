#include "engine/restore/dry_run.h"

#include "engine/restore/advice_for_restore.h"
#include "engine/restore/maintenance_limits.h"
#include "engine/restore/measure.h"
#include "engine/restore/options_check.h"
#include "engine/restore/prepare.h"
#include "engine/restore/rehearsal.h"

static void take_facts(struct restore *restore, struct maintenance *maintenance,
                       const struct session *session, struct maintenance_limits *limits,
                       struct text *text)
{
    char advice[ADVICE_BYTES];

    plan_fit_server(&restore->plan, session_server_version(session));
    maintenance_init(maintenance, &restore->plan, measure_expansion(restore->archive));
    maintenance_limit(maintenance, limits);
    server_facts_print(text, &limits->facts, session_server_version(session));
    advice_for_restore(advice, restore, &limits->facts);
    if (advice[0] != '\0')
        text_print(text, "; %s\n", advice);
}

/* Where a database is named, its server is asked what it has, and nothing else. */
static bool rehearse_with_server(struct restore *restore, struct maintenance *maintenance,
                                 struct text *text, struct error *error)
{
    struct session *session;

    maintenance_init(maintenance, &restore->plan, measure_expansion(restore->archive));
    if (restore->options->connection.database == NULL)
        return true;
    restore->connection = connection_create(&restore->options->connection);
    if (!session_open(&session, restore->connection, "pgfast restore", restore->watch->cancel,
                      error))
        return false;
    struct maintenance_limits limits = maintenance_limits_without_facts(restore, session);
    bool is_read = server_facts_read(&limits.facts, session, error);
    if (is_read)
        take_facts(restore, maintenance, session, &limits, text);
    session_close(session);
    return is_read;
}

bool restore_rehearse(const struct restore_options *options, struct watch *watch, struct text *text,
                      struct error *error)
{
    struct restore_totals totals;
    struct restore restore;
    struct rehearsal rehearsal;
    struct maintenance maintenance;

    restore_init(&restore, options, watch, &totals);
    bool is_done = options_check(options, error) && prepare_without_server(&restore, error) &&
                   rehearse_with_server(&restore, &maintenance, text, error);
    if (is_done) {
        rehearse(&rehearsal, restore.arena, &restore.plan, &maintenance, restore.settings.sessions);
        rehearsal_print(text, &rehearsal, &restore.plan, restore.settings.sessions);
    }
    restore_clear(&restore);
    return is_done;
}
