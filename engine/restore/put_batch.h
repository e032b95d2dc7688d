/* Contents of large objects by lo_put, for whoever may write them: many pieces in one statement.
 * The objects must be there. One session's. */
#ifndef PGFAST_RESTORE_PUT_BATCH_H
#define PGFAST_RESTORE_PUT_BATCH_H

#include "engine/base/span.h"
#include "engine/base/text.h"
#include "engine/server/session.h"

#include <stdint.h>

struct put_batch {
    struct session *session;
    struct text oids, offsets; /* arrays as the server reads them */
    struct text values;        /* the elements of an array in binary form */
    uint32_t count;
    uint32_t last_oid;
    uint64_t last_end;     /* offset behind the last piece */
    size_t last_length_at; /* where its length stands in `values` */
};

void put_batch_init(struct put_batch *batch, struct session *session);
void put_batch_clear(struct put_batch *batch);

/* At most PUT_BATCH_PIECE_BYTES, which may be none: that asks whether the object is there. What is
 * full is sent. */
enum { PUT_BATCH_PIECE_BYTES = 512 * 1024 };
bool put_batch_add(struct put_batch *batch, uint32_t oid, uint64_t offset, struct span bytes,
                   struct error *error) MUST_CHECK;

bool put_batch_send(struct put_batch *batch, struct error *error) MUST_CHECK;
void put_batch_forget(struct put_batch *batch); /* what has not been sent */

#endif
