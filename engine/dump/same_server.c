#include "engine/dump/same_server.h"

#include "engine/dump/session_setup.h"

#include <stdio.h>
#include <string.h>

bool server_mark_read(struct session *session, char mark[SERVER_MARK_BYTES], struct error *error)
{
    static const char query[] =
        "SELECT pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time()), oid "
        "FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()";
    struct rows *rows = NULL;

    if (!session_query(session, query, &rows, error))
        return false;
    snprintf(mark, SERVER_MARK_BYTES, "%s %s", rows_text(rows, 0, 0), rows_text(rows, 0, 1));
    rows_free(rows);
    return true;
}

/* False where it is another one. */
static bool check_mark(struct session *session, const char *mark, struct error *error)
{
    char reached[SERVER_MARK_BYTES];

    if (!server_mark_read(session, reached, error))
        return false;
    if (strcmp(reached, mark) == 0)
        return true;
    error_set(
        error, ERROR_CONNECTION,
        "a session has reached another server than the first one, or the server was restarted");
    error_hint(error, "All sessions of a dump need the same server: connect to it directly, not "
                      "through what spreads connections over several.");
    return false;
}

bool same_server_set_up(struct session *session, const struct dump_options *options,
                        const char *encoding, const char *mark, struct error *error)
{
    return session_setup_apply(session, options, error) &&
           session_setup_encoding(session, encoding, error) && check_mark(session, mark, error);
}
