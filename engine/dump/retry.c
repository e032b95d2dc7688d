#include "engine/dump/retry.h"

#include <stddef.h>
#include <string.h>

struct retry_rule {
    const char *sqlstate; /* or its leading characters */
    enum retry retry;
};

static const struct retry_rule rules[] = {
    {"57014", RETRY_AGAIN},     /* somebody has cancelled the statement */
    {"40P01", RETRY_AGAIN},     /* in a deadlock with a standby's recovery, over a buffer */
    {"57P01", RETRY_AGAIN},     /* terminated */
    {"57P02", RETRY_AGAIN},     /* another session crashed, and the server started anew */
    {"57P03", RETRY_AGAIN},     /* the server is starting, or ending */
    {"08", RETRY_AGAIN},        /* the connection */
    {"53300", RETRY_ELSEWHERE}, /* of the server, the database or the role */
};

/* While a snapshot is imported: its file is gone, or the transaction that it belongs to. */
static const char *const snapshot_states[] = {"22023", "42704", "55000"};

static bool is_of_snapshot(const struct error *error)
{
    for (size_t i = 0; i < sizeof snapshot_states / sizeof snapshot_states[0]; i++)
        if (strcmp(error->sqlstate, snapshot_states[i]) == 0)
            return true;
    return false;
}

enum retry retry_decide(const struct error *error, const struct retry_facts *facts)
{
    if (error->kind == ERROR_CANCELLED)
        return RETRY_NEVER;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strncmp(error->sqlstate, rules[i].sqlstate, strlen(rules[i].sqlstate)) == 0)
            return rules[i].retry;
    if (!facts->is_reading && is_of_snapshot(error))
        return RETRY_ON_SNAPSHOT;
    return error->sqlstate[0] == '\0' && !facts->is_connected && error->kind != ERROR_AUTHENTICATION
               ? RETRY_AGAIN
               : RETRY_NEVER;
}

/* At once, in case it was only that session; then as long as a server takes to come back to its
 * senses. */
int retry_pause_ms(unsigned losses)
{
    static const int pauses_ms[] = {0, 200, 1000};
    const unsigned count = sizeof pauses_ms / sizeof pauses_ms[0];

    return pauses_ms[losses < 1 ? 0 : losses > count ? count - 1 : losses - 1];
}

void retry_give_up(struct error *error, unsigned losses)
{
    if (error->kind == ERROR_CONNECTION)
        error->kind = ERROR_SERVER;
    error_prefix(error, "%u attempts failed, the last", losses);
}

struct explanation {
    const char *sqlstate;
    enum error_kind kind;
    const char *hint;
};

static const char standby_hint[] =
    "The standby could not apply changes that the dump's snapshot was in the way of. Set "
    "hot_standby_feedback = on or a longer max_standby_streaming_delay, or pause the replay while "
    "it is dumped.";

static const struct explanation explanations[] = {
    {"40001", ERROR_TIMEOUT, standby_hint},
    {"40P01", ERROR_TIMEOUT, standby_hint},
    {"57P04", ERROR_TIMEOUT, "The database was dropped on the primary."},
    {"72000", ERROR_TIMEOUT,
     "The server gave up the snapshot for its age: old_snapshot_threshold is shorter than the dump "
     "takes."},
    {"53100", ERROR_SERVER,
     "A disk of the server, or its temp_file_limit, has no room left for what the statement needs "
     "meanwhile."},
};

void retry_explain(struct error *error)
{
    for (size_t i = 0; i < sizeof explanations / sizeof explanations[0]; i++) {
        if (strcmp(error->sqlstate, explanations[i].sqlstate) != 0)
            continue;
        error->kind = explanations[i].kind;
        error_hint(error, "%s", explanations[i].hint);
    }
}
