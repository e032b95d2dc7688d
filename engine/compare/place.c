#include "engine/compare/place.h"

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "engine/sql/quote.h"

#include <stdlib.h>

/* Each holds a lock until its transaction ends, and the server has room for so many only. */
enum { STATEMENTS_A_TRANSACTION = 32 };

static bool begin(struct place *place, const char *before, struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    text_print(&sql,
               "%sBEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; "
               "SET TRANSACTION SNAPSHOT ",
               before);
    quote_literal(&sql, place->settings->snapshot, true);

    bool is_begun = session_execute(place->session, sql.data, error);

    text_clear(&sql);
    place->statements = 0;
    return is_begun;
}

bool place_open(struct place **place, const struct place_settings *settings, struct error *error)
{
    struct place *opened = memory_allocate(1, sizeof *opened);

    *place = NULL;
    opened->settings = settings;
    opened->arena = arena_create();
    opened->buffer = memory_allocate(PLACE_BUFFER_BYTES, 1);
    if (!session_open(&opened->session, settings->connection, "pgfast verify",
                      settings->watch->cancel, error) ||
        !session_execute(opened->session, settings->session_settings, error) ||
        !begin(opened, "", error)) {
        place_close(opened);
        return false;
    }
    *place = opened;
    return true;
}

void place_close(struct place *place)
{
    if (place == NULL)
        return;
    session_close(place->session);
    arena_free(place->arena);
    free(place->buffer);
    free(place);
}

bool place_prepare(struct place *place, struct error *error)
{
    if (place->statements++ < STATEMENTS_A_TRANSACTION)
        return true;
    return begin(place, "COMMIT; ", error);
}

bool place_recover(struct place *place)
{
    struct error unused;

    return session_is_usable(place->session) && begin(place, "ROLLBACK; ", &unused);
}
