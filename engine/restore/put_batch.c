#include "engine/restore/put_batch.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum {
    MOST_PIECES = 1000,
    MOST_BYTES = 2 * PUT_BATCH_PIECE_BYTES,
    BYTEA_OID = 17,
    LENGTH_BYTES = 4
};

/* An array on the wire: dimensions, "has nulls", type of its elements, their number, the first
 * index. */
enum { HEAD_NUMBERS = 5, HEAD_BYTES = 4 * HEAD_NUMBERS };

static void put_number(void *place, uint32_t number)
{
    const unsigned char bytes[4] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16),
                                    (unsigned char)(number >> 8), (unsigned char)number};

    memcpy(place, bytes, sizeof(bytes));
}

static void append_number(struct text *text, uint32_t number)
{
    char bytes[4];

    put_number(bytes, number);
    text_append_bytes(text, bytes, sizeof(bytes));
}

void put_batch_init(struct put_batch *batch, struct session *session)
{
    *batch = (struct put_batch){.session = session};
    text_init(&batch->oids, TEXT_MAXIMUM);
    text_init(&batch->offsets, TEXT_MAXIMUM);
    text_init(&batch->values, TEXT_MAXIMUM);
}

void put_batch_clear(struct put_batch *batch)
{
    text_clear(&batch->oids);
    text_clear(&batch->offsets);
    text_clear(&batch->values);
}

void put_batch_forget(struct put_batch *batch)
{
    batch->count = 0;
}

static void begin(struct put_batch *batch)
{
    text_truncate(&batch->oids, 0);
    text_truncate(&batch->offsets, 0);
    text_truncate(&batch->values, 0);
    for (unsigned i = 0; i < HEAD_NUMBERS; i++)
        append_number(&batch->values, 0);
}

/* A piece that goes on where the last one ended is part of it. */
static bool extend_last(struct put_batch *batch, uint32_t oid, uint64_t offset, struct span bytes)
{
    if (batch->count == 0 || oid != batch->last_oid || offset != batch->last_end)
        return false;
    text_append_bytes(&batch->values, bytes.data, bytes.length);
    size_t length = batch->values.length_bytes - batch->last_length_at - LENGTH_BYTES;
    put_number(batch->values.data + batch->last_length_at, (uint32_t)length);
    return true;
}

static void append_piece(struct put_batch *batch, uint32_t oid, uint64_t offset, struct span bytes)
{
    if (batch->count == 0)
        begin(batch);
    text_print(&batch->oids, "%c%" PRIu32, batch->count == 0 ? '{' : ',', oid);
    text_print(&batch->offsets, "%c%" PRIu64, batch->count == 0 ? '{' : ',', offset);
    batch->last_length_at = batch->values.length_bytes;
    append_number(&batch->values, (uint32_t)bytes.length);
    text_append_bytes(&batch->values, bytes.data, bytes.length);
    batch->count++;
}

bool put_batch_add(struct put_batch *batch, uint32_t oid, uint64_t offset, struct span bytes,
                   struct error *error)
{
    assert(bytes.length <= PUT_BATCH_PIECE_BYTES);
    bool is_full = batch->count == MOST_PIECES ||
                   batch->values.length_bytes + bytes.length + LENGTH_BYTES > MOST_BYTES;

    if (batch->count > 0 && is_full && !put_batch_send(batch, error))
        return false;
    if (!extend_last(batch, oid, offset, bytes))
        append_piece(batch, oid, offset, bytes);
    batch->last_oid = oid;
    batch->last_end = offset + bytes.length;
    return true;
}

static void finish(struct put_batch *batch)
{
    const uint32_t head[HEAD_NUMBERS] = {1, 0, BYTEA_OID, batch->count, 1};

    for (unsigned i = 0; i < HEAD_NUMBERS; i++)
        put_number(batch->values.data + (size_t)4 * i, head[i]);
    text_append_char(&batch->oids, '}');
    text_append_char(&batch->offsets, '}');
}

bool put_batch_send(struct put_batch *batch, struct error *error)
{
    static const char sql[] =
        "SELECT pg_catalog.lo_put(piece.oid, piece.place, piece.bytes) FROM ROWS FROM ("
        "pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int8[]), "
        "pg_catalog.unnest($3::pg_catalog.bytea[])) AS piece (oid, place, bytes)";

    if (batch->count == 0)
        return true;
    finish(batch);

    const struct session_value values[] = {
        {.bytes = batch->oids.data},
        {.bytes = batch->offsets.data},
        {.bytes = batch->values.data, .length = batch->values.length_bytes, .is_binary = true},
    };

    put_batch_forget(batch);
    return session_execute_values(batch->session, sql, 3, values, error);
}
