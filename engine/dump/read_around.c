#include "engine/dump/read_around.h"

#include "engine/base/fault.h"
#include "engine/dump/read_objects_around.h"
#include "engine/dump/spliced_file.h"
#include "engine/schema/copy_sql.h"
#include "engine/schema/queries.h"
#include "engine/schema/split.h"

#include <inttypes.h>
#include <stdio.h>

/* More losses in one piece are told as one: so is the way of a table whose disk is gone. */
enum { MOST_LOSSES = 1000 };

enum reading {
    READING_DONE,
    READING_STOPPED, /* by the data; the transaction goes on */
    READING_FAILED,
};

struct around {
    const struct copy_place *place;
    const struct copy_task *task;
    struct relation relation; /* the task's, in the task's format */
    const char *of;           /* "table public.t" */
    struct arena *arena;
    struct losses *losses;
    size_t lost;
    struct spliced_file file;
    struct tid at; /* what lies before is read or lost */
    /* blocks that cannot be read, one behind the other, and not told yet: */
    uint64_t bad_first, bad_end;
    struct error bad_error;
    struct error block_error; /* of the one that was found last */
};

/* ---- statements, each of which may fail ---- */

static enum reading judge(struct around *around, struct error *error)
{
    struct session *session = around->place->session;
    struct error failure;

    if (!session_is_usable(session) || !losses_may_explain(around->task, error))
        return READING_FAILED;
    if (session_execute(session, "ROLLBACK TO SAVEPOINT pgfast_part", &failure))
        return READING_STOPPED;
    *error = failure;
    return READING_FAILED;
}

static const char *range(const struct around *around, uint64_t end_block)
{
    return tid_range_condition(around->arena, around->at, end_block);
}

/* The ctid of the row behind the first `offset` ones; it is not looked into. */
static enum reading find_row(struct around *around, const char *condition, uint64_t offset,
                             struct tid *tid, bool *is_found, struct error *error)
{
    struct rows *rows = NULL;
    const char *sql =
        arena_print(around->arena, "SELECT ctid FROM ONLY %s %s OFFSET %" PRIu64 " LIMIT 1",
                    around->relation.name, condition, offset);

    if (!session_query(around->place->session, sql, &rows, error))
        return judge(around, error);
    *is_found = rows_count(rows) == 1 &&
                sscanf(rows_text(rows, 0, 0), "(%u,%u)", &tid->block, &tid->offset) == 2;
    rows_free(rows);
    return READING_DONE;
}

static enum reading probe(struct around *around, uint64_t first, uint64_t end, struct error *error)
{
    const char *condition =
        tid_range_condition(around->arena, (struct tid){(uint32_t)first, 0}, end);
    const char *sql = arena_print(around->arena, "SELECT pg_catalog.count(*) FROM ONLY %s %s",
                                  around->relation.name, condition);

    return session_execute(around->place->session, sql, error) ? READING_DONE
                                                               : judge(around, error);
}

/* Of the relation as it is now, which is no less than the snapshot sees. */
static enum reading count_blocks(struct around *around, uint64_t *blocks, struct error *error)
{
    struct rows *rows = NULL;
    const char *sql =
        arena_print(around->arena,
                    "SELECT pg_catalog.pg_relation_size(%u::pg_catalog.oid::pg_catalog.regclass) / "
                    "pg_catalog.current_setting('block_size')::pg_catalog.int8",
                    around->relation.oid);

    if (!session_query(around->place->session, sql, &rows, error))
        return judge(around, error);
    *blocks = rows_number(rows, 0, 0);
    rows_free(rows);
    return READING_DONE;
}

static enum reading copy_rows(struct around *around, const char *sql, uint64_t *rows,
                              struct error *error)
{
    return spliced_file_copy(&around->file, sql, rows, error) ? READING_DONE : judge(around, error);
}

static enum reading copy_where(struct around *around, const char *condition, uint64_t *rows,
                               struct error *error)
{
    return copy_rows(
        around, copy_sql_where(around->arena, &around->relation, around->task->columns, condition),
        rows, error);
}

/* ---- losses ---- */

static void lose(struct around *around, const char *what, const struct error *error)
{
    losses_add(around->losses, around->of, what, error);
    around->lost++;
}

static void tell_bad_blocks(struct around *around)
{
    if (around->bad_first + 1 == around->bad_end)
        lose(around, arena_print(around->arena, "the rows of block %" PRIu64, around->bad_first),
             &around->bad_error);
    else if (around->bad_first < around->bad_end)
        lose(around,
             arena_print(around->arena, "the rows of blocks %" PRIu64 " to %" PRIu64,
                         around->bad_first, around->bad_end - 1),
             &around->bad_error);
    around->bad_first = around->bad_end = 0;
}

static void lose_block(struct around *around, uint64_t block, const struct error *error)
{
    if (around->bad_end != block || around->bad_first == around->bad_end) {
        tell_bad_blocks(around);
        around->bad_first = block;
        around->bad_error = *error;
    }
    around->bad_end = block + 1;
    around->at = (struct tid){(uint32_t)block + 1, 0};
}

static enum reading lose_rest(struct around *around, const struct error *error)
{
    tell_bad_blocks(around);
    lose(around,
         arena_print(around->arena, "all rows of a piece from (%u,%u) on", around->at.block,
                     around->at.offset),
         error);
    return READING_DONE;
}

/* "", where the table has no primary key, or that cannot be read either. */
static const char *key_of(struct around *around, struct tid tid)
{
    const char *oid = arena_print(around->arena, "%u", around->relation.oid), *key = "";
    struct session *session = around->place->session;
    struct rows *columns = NULL, *values = NULL;
    struct error unused;

    if (!session_query_parameters(session, query_primary_key, 1, &oid, &columns, &unused) ||
        rows_is_null(columns, 0, 0)) {
        rows_free(columns);
        return key;
    }

    const char *sql = arena_print(
        around->arena,
        "SELECT pg_catalog.left(ROW(%s)::pg_catalog.text, 200) FROM ONLY %s WHERE ctid = '(%u,%u)'",
        rows_text(columns, 0, 0), around->relation.name, tid.block, tid.offset);

    if (session_query(session, sql, &values, &unused) && rows_count(values) == 1)
        key = arena_print(around->arena, ", key (%s) = %s", rows_text(columns, 0, 0),
                          rows_text(values, 0, 0));
    else
        (void)judge(around, &unused);
    rows_free(columns);
    rows_free(values);
    return key;
}

static void lose_row(struct around *around, struct tid tid, const struct error *error)
{
    tell_bad_blocks(around);
    lose(around,
         arena_print(around->arena, "row (%u,%u)%s", tid.block, tid.offset, key_of(around, tid)),
         error);
}

/* ---- the way through a piece ---- */

static struct tid behind(struct tid tid)
{
    return (struct tid){tid.block, tid.offset + 1};
}

static enum reading read_row(struct around *around, struct tid tid, struct error *error)
{
    uint64_t rows;
    enum reading reading = copy_where(
        around, arena_print(around->arena, "WHERE ctid = '(%u,%u)'", tid.block, tid.offset), &rows,
        error);

    if (reading == READING_STOPPED)
        lose_row(around, tid, error);
    around->at = behind(tid);
    return reading == READING_FAILED ? READING_FAILED : READING_DONE;
}

/* The first block from where we are that cannot be read: in steps that double, then halve. STOPPED:
 * none before the end. */
static enum reading find_bad_block(struct around *around, uint64_t end, uint64_t *bad,
                                   struct error *error)
{
    uint64_t first = around->at.block, step = 1;
    bool is_beyond = false; /* a bad one lies within the next step */

    while (first < end) {
        uint64_t next = first + step < end ? first + step : end;
        enum reading reading = probe(around, first, next, error);

        if (reading == READING_FAILED)
            return READING_FAILED;
        if (reading == READING_STOPPED) {
            around->block_error = *error;
            *bad = first;
            if (next - first == 1)
                return READING_DONE;
            is_beyond = true;
            step = (next - first) / 2;
            continue;
        }
        first = next;
        step = is_beyond ? (step > 1 ? step / 2 : 1) : step * 2;
    }
    return READING_STOPPED;
}

static enum reading narrow(struct around *around, uint64_t *end, struct error *error)
{
    uint64_t blocks = 0;

    if (count_blocks(around, &blocks, error) != READING_DONE)
        return READING_FAILED;
    return find_bad_block(around, blocks < *end ? blocks : *end, end, error);
}

/* As find_row, of the rows up to block *end; which becomes the first block that cannot be read,
 * where that is in the way: servers read ahead, and so fail some rows before it. */
static enum reading find_row_before(struct around *around, uint64_t *end, uint64_t offset,
                                    struct tid *tid, bool *is_found, struct error *error)
{
    enum reading reading = find_row(around, range(around, *end), offset, tid, is_found, error);

    if (reading != READING_STOPPED)
        return reading;
    reading = narrow(around, end, error);
    return reading == READING_DONE
               ? find_row(around, range(around, *end), offset, tid, is_found, error)
               : reading;
}

static enum reading skip_read_rows(struct around *around, uint64_t *end, uint64_t rows,
                                   struct error *error)
{
    struct tid tid;
    bool is_found;
    enum reading reading = find_row_before(around, end, rows - 1, &tid, &is_found, error);

    if (reading != READING_DONE)
        return reading;
    if (!is_found) {
        error_set(error, ERROR_SERVER, "rows that were read are not found again");
        return READING_FAILED;
    }
    around->at = behind(tid);
    return READING_DONE;
}

/* The COPY of everything up to block *end has stopped after so many rows. What is in its way is the
 * next row, which is read or lost then, or a block, which is the new *end. STOPPED: neither. */
static enum reading get_past(struct around *around, uint64_t *end, uint64_t rows,
                             struct error *error)
{
    uint64_t end_before = *end;
    struct tid tid;
    bool is_found;
    enum reading reading = rows > 0 ? skip_read_rows(around, end, rows, error) : READING_DONE;

    if (reading == READING_DONE)
        reading = find_row_before(around, end, 0, &tid, &is_found, error);
    if (reading != READING_DONE)
        return reading;
    if (is_found)
        return read_row(around, tid, error);
    return *end < end_before ? READING_DONE : READING_STOPPED;
}

static enum reading read_blocks(struct around *around, struct error *error)
{
    const uint64_t end = around->task->end_block;
    uint64_t limit = end, rows;

    around->at = (struct tid){around->task->first_block, 0};
    while (around->lost < MOST_LOSSES) {
        struct error stopped;
        enum reading reading = copy_where(around, range(around, limit), &rows, &stopped);

        if (reading == READING_DONE && limit == end)
            return READING_DONE;
        if (reading == READING_DONE) {
            lose_block(around, limit, &around->block_error);
            limit = end;
            continue;
        }
        *error = stopped;
        if (reading == READING_FAILED)
            return READING_FAILED;
        reading = get_past(around, &limit, rows, error);
        if (reading == READING_FAILED)
            return READING_FAILED;
        if (reading == READING_STOPPED)
            return lose_rest(around, &stopped);
    }
    return lose_rest(around, error);
}

/* Only the server knows which rows come behind. */
static enum reading read_whole(struct around *around, struct error *error)
{
    uint64_t rows;
    enum reading reading = copy_rows(around, around->task->copy_sql, &rows, error);

    if (reading != READING_STOPPED)
        return reading;
    lose(around, arena_print(around->arena, "all rows of a piece behind the first %" PRIu64, rows),
         error);
    return READING_DONE;
}

static bool is_in_blocks(const struct around *around)
{
    return around->task->is_in_blocks &&
           session_server_version(around->place->session) >= TID_RANGE_SCAN_SERVER;
}

/* Whatever else could find these blocks' rows would meet those of others, too. */
#define OTHER_SCANS(value)                                                                         \
    "SET LOCAL enable_seqscan = " value "; SET LOCAL enable_indexscan = " value                    \
    "; SET LOCAL enable_indexonlyscan = " value "; SET LOCAL enable_bitmapscan = " value

static bool read_pieces(struct around *around, struct error *error)
{
    static const char before[] = OTHER_SCANS("off") "; SAVEPOINT pgfast_part";
    static const char after[] = "RELEASE SAVEPOINT pgfast_part; " OTHER_SCANS("DEFAULT");
    struct session *session = around->place->session;

    FAULT_POINT("dump.around.before");
    if (!session_execute(session, before, error) ||
        !spliced_file_begin(&around->file, around->place, around->task, error) ||
        (is_in_blocks(around) ? read_blocks(around, error) : read_whole(around, error)) ==
            READING_FAILED)
        return false;
    tell_bad_blocks(around);
    FAULT_POINT("dump.around.after");
    return session_execute(session, after, error) && spliced_file_end(&around->file, error);
}

static bool read_table(const struct copy_place *place, const struct copy_task *task,
                       struct losses *losses, struct error *error)
{
    struct around around = {
        .place = place,
        .task = task,
        .relation = *task->relation,
        .arena = arena_create(),
        .losses = losses,
    };

    around.relation.is_binary = task->is_binary;
    around.of = arena_print(around.arena, "table %s", task->relation->name);
    spliced_file_init(&around.file, place->session, task->is_binary);

    bool is_read = read_pieces(&around, error);

    if (!is_read)
        spliced_file_abandon(&around.file);
    if (!is_read && error->kind != ERROR_CANCELLED)
        error_prefix(error, "%s", around.of);
    spliced_file_clear(&around.file);
    arena_free(around.arena);
    return is_read;
}

bool read_around(const struct copy_place *place, const struct copy_task *task,
                 struct losses *losses, size_t *done, struct error *error)
{
    *done = 0;
    return task->kind == COPY_BLOBS ? read_objects_around(place, task, losses, done, error)
                                    : read_table(place, task, losses, error);
}
