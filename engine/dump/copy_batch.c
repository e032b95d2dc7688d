#include "engine/dump/copy_batch.h"

#include "engine/base/text.h"
#include "engine/dump/copy_table.h"
#include "engine/sql/quote.h"

static void append_locks(struct text *sql, const struct copy_batch *batch)
{
    text_append(sql, "LOCK TABLE ");
    for (size_t i = 0; i < batch->count; i++)
        text_print(sql, "%sONLY %s", i > 0 ? ", " : "", batch->tasks[i].lock_name);
    text_append(sql, " IN ACCESS SHARE MODE NOWAIT;\n");
}

static void append_statements(struct text *sql, const struct copy_batch *batch,
                              const char *snapshot)
{
    text_append(sql, "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;\n"
                     "SET TRANSACTION SNAPSHOT ");
    quote_literal(sql, snapshot, true);
    text_append(sql, ";\n");
    append_locks(sql, batch);
    for (size_t i = 0; i < batch->count; i++)
        text_print(sql, "%s;\n", batch->tasks[i].copy_sql);
    text_append(sql, "COMMIT");
}

/* To the COPY behind that of table `index`; what fails on the way is that next table's. */
static bool advance(const struct copy_place *place, const struct copy_batch *batch, size_t index,
                    struct error *error)
{
    bool is_wanted = index + 1 < batch->count, is_there;

    if (copy_out_next(place->session, &is_there, error) &&
        (is_there == is_wanted ||
         error_set(error, ERROR_INTERNAL, "got not as many tables as were asked for")))
        return true;
    if (is_wanted && error->kind != ERROR_CANCELLED)
        error_prefix(error, "table %s", batch->tasks[index + 1].relation->name);
    return false;
}

static bool receive(const struct copy_place *place, const struct copy_batch *batch, size_t *done,
                    struct error *error)
{
    while (*done < batch->count) {
        if (!copy_table_receive(place, &batch->tasks[*done], error))
            return false;
        (*done)++;
        if (!advance(place, batch, *done - 1, error))
            return false;
    }
    return true;
}

void copy_batch_leave(struct session *session)
{
    struct error unused;

    if (session_is_usable(session) && session_is_in_transaction(session))
        (void)!session_execute(session, "ROLLBACK", &unused);
}

static bool begin(const struct copy_place *place, const struct copy_batch *batch,
                  const char *snapshot, struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    append_statements(&sql, batch, snapshot);

    bool is_begun = copy_out_begin(place->session, sql.data, error);

    text_clear(&sql);
    if (!is_begun && batch->count == 1 && error->kind != ERROR_CANCELLED)
        error_prefix(error, "table %s", batch->tasks[0].relation->name);
    return is_begun;
}

bool copy_batch(const struct copy_place *place, const struct copy_batch *batch,
                const char *snapshot, bool *is_begun, size_t *done, struct error *error)
{
    *done = 0;
    *is_begun = begin(place, batch, snapshot, error);
    if (*is_begun && receive(place, batch, done, error))
        return true;
    copy_batch_leave(place->session);
    return false;
}
