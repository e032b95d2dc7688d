#include "engine/restore/maintenance_limits.h"

#include "engine/flow/topology.h"
#include "engine/restore/advice_for_restore.h"
#include "engine/restore/measure.h"

/* Only of a server on this machine can be told what it runs on. */
static unsigned count_server_processors(const struct session *session)
{
    return session_is_local(session) ? topology_count_usable() : 0;
}

struct maintenance_limits maintenance_limits_without_facts(const struct restore *restore,
                                                           const struct session *session)
{
    return (struct maintenance_limits){
        .sessions = restore->options->single_transaction ? 1 : restore->settings.sessions,
        .processors = count_server_processors(session),
        .budget_bytes = restore->options->maintenance_bytes,
    };
}

static void advise(const struct restore *restore, const struct server_facts *facts)
{
    char advice[ADVICE_BYTES];

    advice_for_restore(advice, restore, facts);
    if (advice[0] != '\0')
        event_emit(restore->watch->events, EVENT_INFO, "%s", advice);
}

#define WORTH_ADVICE_BYTES (UINT64_C(128) << 20)

static bool is_worth_advice(const struct restore *restore, const struct maintenance *maintenance)
{
    return maintenance_is_large(maintenance) ||
           counter_read(&restore->watch->counters.raw_bytes_total) >= WORTH_ADVICE_BYTES;
}

/* Only where something large is at hand, or where the user has set a limit, which holds for what is
 * small as well, is the server asked what it has. */
static bool find_limits(struct restore *restore, struct maintenance *maintenance,
                        struct error *error)
{
    struct maintenance_limits limits =
        maintenance_limits_without_facts(restore, restore->target->session);

    maintenance_init(maintenance, &restore->plan, measure_expansion(restore->archive));
    bool is_large = is_worth_advice(restore, maintenance);

    if (!is_large && limits.budget_bytes == 0)
        return true;
    if (!server_facts_read(&limits.facts, restore->target->session, error))
        return false;
    maintenance_limit(maintenance, &limits);
    if (is_large)
        advise(restore, &limits.facts);
    return true;
}

bool maintenance_limits_find(struct restore *restore, struct maintenance *maintenance,
                             struct error *error)
{
    return find_limits(restore, maintenance, error) ||
           (target_is_recoverable(restore->target) && target_recover(restore->target, error) &&
            find_limits(restore, maintenance, error));
}
