#include "engine/server/connection.h"

#include "engine/base/memory.h"
#include "engine/server/session_internal.h"

#include <libpq-fe.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Without these a dead peer is noticed after two hours; a user's own words come later in the list
 * and win. */
static const struct careful_default {
    const char *keyword, *value;
    int option; /* of the socket: the same, where libpq was not told */
} careful_defaults[] = {
    {"keepalives_idle", "30", TCP_KEEPIDLE},
    {"keepalives_interval", "10", TCP_KEEPINTVL},
    {"keepalives_count", "3", TCP_KEEPCNT},
    {"tcp_user_timeout", "60000", TCP_USER_TIMEOUT},
};

enum { CAREFUL_DEFAULTS = sizeof(careful_defaults) / sizeof(careful_defaults[0]) };

static struct connection *connection_allocate(size_t room)
{
    struct connection *connection = memory_allocate(1, sizeof(*connection));

    connection->keywords = memory_allocate(room + 1, sizeof(char *));
    connection->values = memory_allocate(room + 1, sizeof(char *));
    return connection;
}

static void connection_add(struct connection *connection, const char *keyword, const char *value)
{
    if (!value)
        return;
    connection->keywords[connection->count] = memory_copy_text(keyword);
    connection->values[connection->count] = memory_copy_text(value);
    connection->count++;
}

/* libpq lets parameters win over a service file, so ours would win over the user's there. They are
 * made up for once the session is open, and libpq has told what the file says. */
static bool uses_service(const struct connection_words *words)
{
    return getenv("PGSERVICE") || (words->database && strstr(words->database, "service="));
}

struct connection *connection_create(const struct connection_words *words)
{
    size_t defaults = uses_service(words) ? 0 : CAREFUL_DEFAULTS;
    struct connection *connection = connection_allocate(defaults + 5);

    for (size_t i = 0; i < defaults; i++)
        connection_add(connection, careful_defaults[i].keyword, careful_defaults[i].value);
    connection_add(connection, "host", words->host);
    connection_add(connection, "port", words->port);
    connection_add(connection, "user", words->user);
    connection_add(connection, "password", words->password);
    /* Last, so that what a conninfo string says wins, as in pg_dump. */
    connection_add(connection, "dbname", words->database);
    connection->expands_database = true;
    return connection;
}

void connection_free(struct connection *connection)
{
    if (!connection)
        return;
    for (size_t i = 0; i < connection->count; i++) {
        /* Any value may carry the password: a conninfo string does. */
        explicit_bzero(connection->values[i], strlen(connection->values[i]));
        free(connection->values[i]);
        free(connection->keywords[i]);
    }
    free(connection->values);
    free(connection->keywords);
    free(connection);
}

/* What must not be resolved a second time, or is said anew for each session. */
static bool is_resolved_already(const char *keyword)
{
    static const char *const resolved[] = {
        "service",
        "servicefile",
        "host",
        "hostaddr",
        "port",
        "password",
        "dbname",
        "target_session_attrs",
        "load_balance_hosts",
        "fallback_application_name",
        "client_encoding",
        "replication",
    };

    for (size_t i = 0; i < sizeof(resolved) / sizeof(resolved[0]); i++)
        if (strcmp(keyword, resolved[i]) == 0)
            return true;
    return false;
}

static void add_text_if_any(struct connection *connection, const char *keyword, const char *value)
{
    if (value && value[0] != '\0')
        connection_add(connection, keyword, value);
}

/* What libpq would choose by itself need not be said; and a pg_dump with an older libpq would
 * refuse a keyword that it does not know. An environment variable could make it choose otherwise.
 */
static bool is_default(const PQconninfoOption *option)
{
    return option->compiled && option->val && strcmp(option->val, option->compiled) == 0 &&
           !(option->envvar && getenv(option->envvar));
}

static bool is_said(const PQconninfoOption *options, const char *keyword)
{
    for (const PQconninfoOption *option = options; option && option->keyword; option++)
        if (strcmp(option->keyword, keyword) == 0)
            return option->val && option->val[0] != '\0';
    return false;
}

void connection_watch_peer(const struct session *session)
{
    PQconninfoOption *options = PQconninfo(session->link);

    for (size_t i = 0; options && i < CAREFUL_DEFAULTS; i++) {
        int value = atoi(careful_defaults[i].value);

        /* A Unix socket refuses, and has no need. */
        if (!is_said(options, careful_defaults[i].keyword))
            (void)setsockopt(PQsocket(session->link), IPPROTO_TCP, careful_defaults[i].option,
                             &value, sizeof(value));
    }
    PQconninfoFree(options);
}

static void add_careful_defaults(struct connection *connection, const PQconninfoOption *options)
{
    for (size_t i = 0; i < CAREFUL_DEFAULTS; i++)
        if (!is_said(options, careful_defaults[i].keyword))
            connection_add(connection, careful_defaults[i].keyword, careful_defaults[i].value);
}

struct connection *connection_pin(const struct session *session)
{
    const PGconn *link = session->link;
    PQconninfoOption *options = PQconninfo(session->link);
    size_t room = 8 + CAREFUL_DEFAULTS;

    for (PQconninfoOption *option = options; option && option->keyword; option++)
        room++;

    struct connection *connection = connection_allocate(room);

    for (PQconninfoOption *option = options; option && option->keyword; option++)
        if (!is_resolved_already(option->keyword) && !is_default(option))
            add_text_if_any(connection, option->keyword, option->val);
    add_careful_defaults(connection, options);
    PQconninfoFree(options);
    add_text_if_any(connection, "host", PQhost(link));
    add_text_if_any(connection, "hostaddr", PQhostaddr(link));
    add_text_if_any(connection, "port", PQport(link));
    add_text_if_any(connection, "password", PQpass(link));
    connection_add(connection, "dbname", PQdb(link));
    connection->expands_database = false;
    return connection;
}

struct connection *connection_with(const struct connection *connection, const char *keyword,
                                   const char *value)
{
    struct connection *other = connection_allocate(connection->count + 1);

    for (size_t i = 0; i < connection->count; i++)
        if (strcmp(connection->keywords[i], keyword) != 0)
            connection_add(other, connection->keywords[i], connection->values[i]);
    connection_add(other, keyword, value);
    other->expands_database = connection->expands_database;
    return other;
}

struct connection *connection_to_database(const struct connection *connection, const char *database)
{
    struct connection *other = connection_with(connection, "dbname", database);

    other->expands_database = false;
    return other;
}

const char *connection_value(const struct connection *connection, const char *keyword)
{
    const char *value = NULL;

    for (size_t i = 0; i < connection->count; i++)
        if (strcmp(connection->keywords[i], keyword) == 0)
            value = connection->values[i];
    return value;
}
