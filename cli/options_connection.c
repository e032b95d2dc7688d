#include "cli/options_connection.h"

#include "cli/log.h"
#include "cli/secrets.h"
#include "cli/signals.h"

#include <stdlib.h>
#include <string.h>

const struct option connection_options[] = {
    {.name = "dbname",
     .letter = 'd',
     .kind = OPTION_SECRET,
     .member = offsetof(struct connection_arguments, database),
     .value_name = "DBNAME",
     .help = "database, connection string or URI"},
    {.name = "host",
     .letter = 'h',
     .kind = OPTION_TEXT,
     .member = offsetof(struct connection_arguments, host),
     .value_name = "HOSTNAME",
     .help = "database server host or socket directory"},
    {.name = "port",
     .letter = 'p',
     .kind = OPTION_TEXT,
     .member = offsetof(struct connection_arguments, port),
     .value_name = "PORT",
     .help = "database server port number"},
    {.name = "username",
     .letter = 'U',
     .kind = OPTION_TEXT,
     .member = offsetof(struct connection_arguments, user),
     .value_name = "NAME",
     .help = "connect as specified database user"},
    {.name = "no-password",
     .letter = 'w',
     .kind = OPTION_FLAG,
     .member = offsetof(struct connection_arguments, never_asks),
     .help = "never prompt for password"},
    {.name = "password",
     .letter = 'W',
     .kind = OPTION_FLAG,
     .member = offsetof(struct connection_arguments, always_asks),
     .help = "force password prompt (it comes by itself)"},
    {0},
};

/* A service may bring a password, which libpq prefers to that of the environment: then it is left
 * to libpq to choose. */
static bool may_use_service(const struct connection_arguments *arguments)
{
    return getenv("PGSERVICE") != NULL ||
           (arguments->database != NULL && strstr(arguments->database, "service") != NULL);
}

/* Finding out costs a connection; where nobody could answer the question it is not made. */
static bool must_ask(const struct connection_arguments *arguments,
                     const struct pgfast_connection *connection, bool *needs_password,
                     struct error *error)
{
    *needs_password = arguments->always_asks;
    if (arguments->always_asks || arguments->never_asks || !secrets_can_ask())
        return true;
    return pgfast_probe(connection, needs_password, error);
}

static bool ask_password(struct connection_arguments *arguments, struct error *error)
{
    secrets_free_text(arguments->password);
    arguments->password = NULL;
    /* From here on: a prompt that a signal ends must give the terminal its echo back. */
    signals_catch();
    return secrets_ask_password(&arguments->password, error);
}

static void warn_of_visible_password(const struct connection_arguments *arguments)
{
    if (arguments->database != NULL && secrets_shows_password(arguments->database))
        log_warning("a password on the command line can be seen by others until it is wiped there; "
                    "a password file, a service file or PGPASSWORD cannot");
}

bool connection_prepare(struct connection_arguments *arguments,
                        struct pgfast_connection *connection, struct error *error)
{
    bool needs_password;

    warn_of_visible_password(arguments);
    if (!may_use_service(arguments))
        arguments->password = secrets_take_variable("PGPASSWORD");
    *connection = (struct pgfast_connection){
        .database = arguments->database,
        .host = arguments->host,
        .port = arguments->port,
        .user = arguments->user,
        .password = arguments->password,
    };
    if (!must_ask(arguments, connection, &needs_password, error))
        return false;
    if (needs_password && !ask_password(arguments, error))
        return false;
    connection->password = arguments->password;
    return true;
}

void connection_forget(struct connection_arguments *arguments)
{
    secrets_free_text(arguments->database);
    secrets_free_text(arguments->password);
    arguments->database = NULL;
    arguments->password = NULL;
}
