/* How to reach a server: the parameters of libpq, as the user gave them or as a first session
 * resolved them. Sealed after creation: any thread may open sessions with it. A password lives here
 * and in libpq only; it is wiped when freed. */
#ifndef PGFAST_SERVER_CONNECTION_H
#define PGFAST_SERVER_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

struct session;

/* What a user says. Each may be NULL: then libpq's environment, service file and defaults decide.
 * database may be a name, a conninfo string or a URI, whose words win over the other members, as in
 * pg_dump. */
struct connection_words {
    const char *database, *host, *port, *user, *password;
};

struct connection {
    char **keywords; /* both lists end with NULL */
    char **values;
    size_t count;
    bool expands_database; /* dbname may be a conninfo string */
};

struct connection *connection_create(const struct connection_words *words);
void connection_free(struct connection *connection); /* accepts NULL; wipes the password */

/* Every parameter that an open session has resolved, with the host it really reached: so that
 * workers and children come to the same server in the same way (CVE-2020-25694), also behind
 * several hosts or a load balancer. */
struct connection *connection_pin(const struct session *session);

/* A peer that is dead shall be noticed within a minute or so, unless the user says otherwise: where
 * connection_create could not know, since a service file decides. */
void connection_watch_peer(const struct session *session);

/* The same connection to another database, whose name is taken literally. */
struct connection *connection_to_database(const struct connection *connection,
                                          const char *database);

/* The same connection, but for one more parameter, or another value of one. */
struct connection *connection_with(const struct connection *connection, const char *keyword,
                                   const char *value);

/* The value of a parameter, or NULL. */
const char *connection_value(const struct connection *connection, const char *keyword);

#endif
