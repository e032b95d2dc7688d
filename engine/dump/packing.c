#include "engine/dump/packing.h"

#include "engine/archive/large_object_pages.h"
#include "engine/dump/toc_packed.h"

#include <inttypes.h>
#include <string.h>

static const char query[] =
    "SELECT pg_catalog.has_table_privilege('pg_catalog.pg_largeobject', 'SELECT'),"
    " pg_catalog.current_setting('block_size')";

static bool check_answer(const struct rows *rows, struct error *error)
{
    if (strcmp(rows_text(rows, 0, 0), "t") != 0)
        error_set(error, ERROR_PERMISSION,
                  "large objects can be packed only by who may read pg_catalog.pg_largeobject");
    else if (rows_number(rows, 0, 1) != LARGE_OBJECT_PAGES_BLOCK_BYTES)
        error_set(error, ERROR_USAGE,
                  "large objects can be packed only on servers with blocks of %d bytes, this one "
                  "has %" PRIu64,
                  LARGE_OBJECT_PAGES_BLOCK_BYTES, rows_number(rows, 0, 1));
    else
        return true;
    error_hint(error, "Use --large-objects=files.");
    return false;
}

bool packing_ask_for_pages(struct session *session, bool *are_readable, struct error *error)
{
    struct rows *rows = NULL;
    struct error why;

    if (!session_query(session, query, &rows, error))
        return false;
    *are_readable = check_answer(rows, &why);
    rows_free(rows);
    return true;
}

bool packing_apply(struct toc *toc, struct session *session, struct error *error)
{
    struct rows *rows = NULL;

    if (!toc_packed_make(toc))
        return true;
    if (!session_query(session, query, &rows, error))
        return false;

    bool is_possible = check_answer(rows, error);

    rows_free(rows);
    return is_possible;
}
