/* What may be tried again, after which failure of a session that reads for a dump: everything is on
 * one snapshot that others hold, so a second attempt reads the same rows. Pure. */
#ifndef PGFAST_DUMP_RETRY_H
#define PGFAST_DUMP_RETRY_H

#include "engine/base/error.h"

#include <stdbool.h>

enum retry {
    RETRY_NEVER,       /* it would go the same way */
    RETRY_AGAIN,       /* on this session or, if that is lost, on a new one */
    RETRY_ELSEWHERE,   /* the server has no room for this session, but others have theirs */
    RETRY_ON_SNAPSHOT, /* once there is another session that holds the snapshot */
};

/* What failed, on what is left of the session: */
struct retry_facts {
    bool is_connected; /* a statement can still be run */
    bool is_reading;   /* the snapshot was imported and the tables locked before it failed */
};

enum { RETRY_MOST = 3 }; /* losses in a row, of one task or one session */

enum retry retry_decide(const struct error *error, const struct retry_facts *facts);

/* Before the attempt that follows the loss of this number, from 1. */
int retry_pause_ms(unsigned losses);

/* A loss that was one too many: of the kind of a lost connection, unless a statement was cancelled
 * as often. */
void retry_give_up(struct error *error, unsigned losses);

/* Puts the right kind and a way out on failures that no second attempt mends, wherever in the dump
 * they came: a standby's conflict with its recovery, a snapshot that the server threw away, a disk
 * of the server's that is full. */
void retry_explain(struct error *error);

#endif
