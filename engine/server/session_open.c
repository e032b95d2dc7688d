/* Opening and closing sessions. */
#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/memory.h"
#include "engine/server/cancel_request.h"
#include "engine/server/session_internal.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* connect_timeout of the parameters, for all hosts together; 0: none. PQconnectPoll leaves it to
 * us. */
static uint64_t connect_limit_us(PGconn *link)
{
    PQconninfoOption *options = PQconninfo(link);
    uint64_t seconds = 0, hosts = 1;

    for (PQconninfoOption *option = options; option && option->keyword; option++) {
        if (!option->val)
            continue;
        if (strcmp(option->keyword, "connect_timeout") == 0)
            seconds = strtoul(option->val, NULL, 10);
        if (strcmp(option->keyword, "host") == 0)
            for (const char *c = option->val; *c; c++)
                hosts += *c == ',';
    }
    PQconninfoFree(options);
    return seconds * hosts * 1000000;
}

static bool connect_step_by_step(struct session *session, struct error *error)
{
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    uint64_t limit = connect_limit_us(session->link);
    uint64_t started = clock_now_us();

    while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
        short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        int ready = session_wait_for_socket(session, events, limit ? 200 : -1);

        if (ready < 0)
            return error_set(error, ERROR_CANCELLED, "cancelled");
        if (ready > 0)
            state = FAULT_OR("session.connect", PGRES_POLLING_FAILED, PQconnectPoll(session->link));
        else if (clock_now_us() - started > limit)
            return error_set(error, ERROR_CONNECTION, "could not connect within connect_timeout");
    }
    if (state == PGRES_POLLING_OK)
        return true;
    return server_error_from_connect(PQerrorMessage(session->link), error);
}

static PGconn *start_connecting(const struct connection *connection, const char *application_name)
{
    const char **keywords = memory_allocate(connection->count + 2, sizeof(char *));
    const char **values = memory_allocate(connection->count + 2, sizeof(char *));

    keywords[0] = "fallback_application_name";
    values[0] = application_name;
    for (size_t i = 0; i < connection->count; i++) {
        keywords[i + 1] = connection->keywords[i];
        values[i + 1] = connection->values[i];
    }

    PGconn *link = PQconnectStartParams(keywords, values, connection->expands_database);

    free(keywords);
    free(values);
    return link;
}

/* A connection string that libpq cannot read is the user's mistake, not the server's. */
static bool check_words(const struct connection *connection, struct error *error)
{
    const char *words = connection_value(connection, "dbname");
    char *reason = NULL;

    /* As libpq tells a connection string from a name. */
    if (!connection->expands_database || !words || (!strchr(words, '=') && !strstr(words, "://")))
        return true;

    PQconninfoOption *options = PQconninfoParse(words, &reason);

    if (!options)
        error_set(error, ERROR_USAGE, "%.*s", (int)strcspn(reason ? reason : "", "\n"),
                  reason ? reason : "");
    PQconninfoFree(options);
    PQfreemem(reason);
    return options != NULL;
}

/* A Unix socket holds little by default: rows on their way in would leave the server waiting each
 * time we read and decode the next piece. Over TCP the kernel chooses better by itself. It works
 * without this, too. */
static void deepen_socket(const struct session *session)
{
    struct sockaddr_storage name = {.ss_family = AF_UNSPEC};
    socklen_t length = sizeof name;
    const int send_bytes = 1 << 20;

    if (getsockname(PQsocket(session->link), (struct sockaddr *)&name, &length) == 0 &&
        name.ss_family == AF_UNIX)
        (void)setsockopt(PQsocket(session->link), SOL_SOCKET, SO_SNDBUF, &send_bytes,
                         sizeof send_bytes);
}

bool session_open(struct session **session, const struct connection *connection,
                  const char *application_name, struct cancel *cancel, struct error *error)
{
    struct session *opened;

    if (!check_words(connection, error))
        return false;
    opened = memory_allocate(1, sizeof(*opened));
    opened->cancel = cancel;
    opened->link = start_connecting(connection, application_name);
    if (!opened->link) {
        error_set(error, ERROR_RESOURCE, "out of memory while connecting");
        goto fail;
    }
    /* Only the verbose form of a failure to connect carries the SQLSTATE. */
    PQsetErrorVerbosity(opened->link, PQERRORS_VERBOSE);
    /* From here on, or libpq itself would print what login triggers say. */
    PQsetNoticeReceiver(opened->link, session_keep_notice, opened);
    if (PQstatus(opened->link) == CONNECTION_BAD) {
        server_error_from_connect(PQerrorMessage(opened->link), error);
        goto fail;
    }
    if (!connect_step_by_step(opened, error))
        goto fail;
    PQsetErrorVerbosity(opened->link, PQERRORS_DEFAULT);
    if (PQsetnonblocking(opened->link, 1) != 0) {
        server_error_from_link(opened, "could not set up connection", error);
        goto fail;
    }
    deepen_socket(opened);
    connection_watch_peer(opened);
    *session = opened;
    return true;

fail:
    session_close(opened);
    return false;
}

void session_close(struct session *session)
{
    if (!session)
        return;
    if (!session->is_lost && PQtransactionStatus(session->link) == PQTRANS_ACTIVE)
        cancel_request_send(session->link);
    pulse_give_back(session->pulse);
    PQfinish(session->link);
    row_room_give_back(&session->room);
    free(session->warning_lent);
    for (unsigned i = session->warning_next; i < session->warning_count; i++)
        free(session->warnings[i]);
    free(session);
}

bool session_probe(const struct connection *connection, bool *needs_password, struct error *error)
{
    struct session probe = {.link = NULL};

    *needs_password = false;
    if (!check_words(connection, error))
        return false;
    probe.link = start_connecting(connection, "pgfast");
    if (!probe.link)
        return error_set(error, ERROR_RESOURCE, "out of memory while connecting");
    PQsetErrorVerbosity(probe.link, PQERRORS_VERBOSE);

    bool is_connected = PQstatus(probe.link) != CONNECTION_BAD
                            ? connect_step_by_step(&probe, error)
                            : server_error_from_connect(PQerrorMessage(probe.link), error);

    *needs_password = !is_connected && PQconnectionNeedsPassword(probe.link);
    PQfinish(probe.link);
    return is_connected || *needs_password;
}
