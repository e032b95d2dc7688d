#include "engine/dump/keeper.h"

#include "engine/dump/locks.h"
#include "engine/dump/same_server.h"
#include "engine/dump/session_setup.h"
#include "engine/schema/schema.h"

/* One more connection must be left for others, and so must most of the room for locks. */
enum { CONNECTIONS_LEFT = 1, LOCKS_SHARE = 4 };

static bool check_room(struct session *session, const struct holding *holding, struct error *error)
{
    uint64_t connections, locks;

    if (!schema_read_spare_room(&connections, &locks, session, error))
        return false;
    if (connections < CONNECTIONS_LEFT)
        return error_set(error, ERROR_TIMEOUT, "the server has few connections left");
    if (holding->count > locks / LOCKS_SHARE)
        return error_set(error, ERROR_UNSUPPORTED,
                         "the server has little room for locks on %zu tables", holding->count);
    return true;
}

static bool hold(struct session *session, struct arena *arena,
                 const struct workers_options *options, const struct holding *holding,
                 const char **snapshot, struct error *error)
{
    char name[SNAPSHOT_NAME_BYTES];

    if (!same_server_set_up(session, options->options, options->encoding, options->server_mark,
                            error) ||
        !check_room(session, holding, error) ||
        !snapshot_import(session, holding->snapshot, error) ||
        !locks_take_again(session, holding->oids, error) || !snapshot_export(session, name, error))
        return false;
    *snapshot = arena_copy_text(arena, name);
    return true;
}

bool keeper_open(struct keeper *keeper, struct arena *arena, const struct workers_options *options,
                 const struct holding *holding, struct error *error)
{
    *keeper = (struct keeper){.session = NULL};
    if (!session_open(&keeper->session, options->connection, "pgfast keeper",
                      options->watch->cancel, error))
        return false;
    if (hold(keeper->session, arena, options, holding, &keeper->snapshot, error))
        return true;
    keeper_close(keeper);
    return false;
}

void keeper_close(struct keeper *keeper)
{
    session_close(keeper->session);
    *keeper = (struct keeper){.session = NULL};
}
