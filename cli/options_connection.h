/* How to reach the server, as all of PostgreSQL's programs take it. */
#ifndef PGFAST_CLI_OPTIONS_CONNECTION_H
#define PGFAST_CLI_OPTIONS_CONNECTION_H

#include "cli/option.h"
#include "engine/pgfast.h"

struct connection_arguments {
    char *database; /* owned; so is password */
    char *password;
    const char *host, *port, *user;
    bool never_asks, always_asks;
};

extern const struct option connection_options[];

/* Asks for the password where one is needed, and fills what the library takes; that is lent by
 * `arguments`. */
bool connection_prepare(struct connection_arguments *arguments,
                        struct pgfast_connection *connection, struct error *error) MUST_CHECK;
void connection_forget(struct connection_arguments *arguments); /* wipes what is secret */

#endif
