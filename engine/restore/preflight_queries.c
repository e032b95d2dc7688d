#include "engine/restore/preflight_queries.h"

#include "engine/sql/quote.h"

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
    for (int i = 0; i < rows_count(rows); i++) {
        uint64_t class = rows_number(rows, i, 0);
        if (class < NEED_COUNT)
            name_set_add(&has->names[class], arena_copy_text(arena, rows_text(rows, i, 1)));
    }
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

/* ---- tables that hold rows ---- */

/* Whose file is not empty: few are, in a database that is to be restored into, and no table must be
 * opened for that. */
static const char files_question[] =
    "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND c.oid >= 16384"
    " AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')"
    " AND pg_catalog.has_table_privilege(c.oid, 'SELECT')"
    " AND pg_catalog.pg_relation_size(c.oid) > 0";

/* Both wait for who holds a table exclusively. */
static const char begin_to_look[] = "BEGIN READ ONLY; SET LOCAL lock_timeout = '3s';"
                                    " SET LOCAL statement_timeout = '30s'";

static const char *find_name(const struct name_set *names, const char *schema, const char *table)
{
    struct text name;

    text_init(&name, TEXT_MAXIMUM);
    quote_qualified(&name, schema, table);

    const char *found = name_set_find(names, name.data);

    text_clear(&name);
    return found;
}

static bool find_with_file(struct session *session, const struct name_set *tables, size_t most,
                           struct name_set *found, struct error *error)
{
    struct rows *rows;

    if (!session_query(session, files_question, &rows, error))
        return false;
    for (int i = 0; i < rows_count(rows) && found->count < most; i++) {
        const char *name = find_name(tables, rows_text(rows, i, 0), rows_text(rows, i, 1));
        if (name != NULL)
            name_set_add(found, name);
    }
    rows_free(rows);
    name_set_seal(found);
    return true;
}

static void append_question(struct text *sql, const struct name_set *tables)
{
    for (size_t i = 0; i < tables->count; i++)
        text_print(sql, "%sSELECT %zu WHERE EXISTS (SELECT FROM ONLY %s)",
                   i == 0 ? "" : " UNION ALL ", i, tables->items[i]);
}

/* The file may hold nothing but what was deleted. */
static bool find_with_rows(struct session *session, const struct name_set *tables,
                           struct name_set *found, struct error *error)
{
    struct text sql;
    struct rows *rows;

    if (tables->count == 0)
        return true;
    text_init(&sql, TEXT_MAXIMUM);
    append_question(&sql, tables);

    bool is_told = session_query(session, sql.data, &rows, error);

    text_clear(&sql);
    if (!is_told)
        return false;
    for (int i = 0; i < rows_count(rows); i++) {
        uint64_t number = rows_number(rows, i, 0);
        if (number < tables->count)
            name_set_add(found, tables->items[number]);
    }
    rows_free(rows);
    name_set_seal(found);
    return true;
}

bool preflight_find_filled(struct session *session, const struct name_set *tables, size_t most,
                           struct name_set *filled, struct error *error)
{
    struct name_set with_file = {.items = NULL};
    struct error ignored;

    *filled = (struct name_set){.items = NULL};
    bool is_told = session_execute(session, begin_to_look, error) &&
                   find_with_file(session, tables, most, &with_file, error) &&
                   find_with_rows(session, &with_file, filled, error);

    name_set_clear(&with_file);
    return (!session_is_in_transaction(session) ||
            session_execute(session, "ROLLBACK", is_told ? error : &ignored)) &&
           is_told;
}
