#include "engine/restore/preflight_queries.h"

/* With the number of the class in front. An extension that is installed is there, whatever became
 * of its files. */
static const char stock_question[] =
    "SELECT 0, rolname FROM pg_catalog.pg_roles"
    " UNION ALL SELECT 1, name FROM pg_catalog.pg_available_extensions"
    " UNION ALL SELECT 1, extname FROM pg_catalog.pg_extension"
    " UNION ALL SELECT 2, spcname FROM pg_catalog.pg_tablespace"
    " UNION ALL SELECT 3, amname FROM pg_catalog.pg_am WHERE amtype = 't'"
    " UNION ALL SELECT 4, lanname FROM pg_catalog.pg_language";

_Static_assert(NEED_ROLE == 0 && NEED_EXTENSION == 1 && NEED_TABLESPACE == 2 &&
                   NEED_TABLE_AM == 3 && NEED_LANGUAGE == 4,
               "the numbers in the question");

bool preflight_read_stock(struct session *session, struct arena *arena, struct needs *has,
                          struct error *error)
{
    struct rows *rows;

    *has = (struct needs){.names = {{.count = 0}}};
    if (!session_query(session, stock_question, &rows, error))
        return false;
    for (int i = 0; i < rows_count(rows); i++)
        name_set_add(&has->names[rows_number(rows, i, 0)],
                     arena_copy_text(arena, rows_text(rows, i, 1)));
    rows_free(rows);
    needs_seal(has);
    return true;
}

bool preflight_read_encodings(struct session *session, struct arena *arena, const char *archive,
                              struct encodings *encodings, struct error *error)
{
    static const char question[] =
        "SELECT pg_catalog.pg_encoding_to_char(pg_catalog.pg_char_to_encoding($1)),"
        " pg_catalog.getdatabaseencoding()";
    struct rows *rows;

    if (!session_query_parameters(session, question, 1, &archive, &rows, error))
        return false;
    *encodings = (struct encodings){
        .archive = arena_copy_text(arena, rows_text(rows, 0, 0)),
        .database = arena_copy_text(arena, rows_text(rows, 0, 1)),
    };
    rows_free(rows);
    return true;
}
