/* The journal of a restore, in the database that is being restored: a schema of its own, in which
 * every transaction that does some of the work also notes down what it did. So the two are there
 * together or not at all, whatever is killed, and another run can go on where the first ended.
 *
 * Locks tell the living from the dead: each session of a restore holds one for its number, and all
 * hold one in common. The server releases them when it has done with a session, and with whatever
 * that one was committing. */
#ifndef PGFAST_RESTORE_JOURNAL_H
#define PGFAST_RESTORE_JOURNAL_H

#include "engine/base/text.h"
#include "engine/restore/journal_keys.h"
#include "engine/server/session.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOURNAL_SCHEMA "pgfast_journal"

/* What another run must have in common with the first. */
struct journal_head {
    char *archive;    /* a digest */
    char *options;    /* as words */
    char *selection;  /* a digest */
    bool keeps_order; /* the plan was made for one session, so nothing is in halves */
};
void journal_head_clear(struct journal_head *head);

/* The part that one run has in it. */
struct journal_run {
    unsigned attempt;             /* 1: the first */
    struct journal_keys done;     /* by earlier runs */
    _Atomic unsigned last_number; /* that a session was given */
    _Atomic bool has_crashed;     /* the server, so that commits which it had told of may be lost */
};

/* What the server says, before anything is decided. */
struct journal_facts {
    bool is_there;    /* a journal */
    bool is_free;     /* nobody else is at work; then the caller's session holds this against all */
    bool may_be_made; /* the role may create a schema */
    bool is_empty;    /* the database: nothing in it is a user's */
    unsigned attempts; /* runs that the journal has seen */
};
bool journal_look(struct session *session, struct journal_facts *facts,
                  struct error *error) MUST_CHECK;

/* A new one, in the place of any that is there. */
bool journal_create(struct session *session, const struct journal_head *head, bool is_replaced,
                    struct error *error) MUST_CHECK;

/* One that is there: its head, and all that was done. The caller clears both. */
bool journal_read_head(struct session *session, struct journal_head *head,
                       struct error *error) MUST_CHECK;
bool journal_read_keys(struct session *session, struct journal_keys *keys,
                       struct error *error) MUST_CHECK;
/* From here on it is this run's, after a crash as well; sessions of earlier ones can do no more. */
bool journal_take_over(struct session *session, unsigned attempt, struct error *error) MUST_CHECK;

/* After journal_look, for a session that does not go on to work by the journal. */
bool journal_let_go(struct session *session, struct error *error) MUST_CHECK;

/* A session takes part: `number` is one that no other of this run has or had. Fails where another
 * run has taken over (ERROR_LOCKED), and where the server has crashed since this one began
 * (ERROR_CONFLICT, and run->has_crashed). */
bool journal_join(struct session *session, struct journal_run *run, unsigned number,
                  struct error *error) MUST_CHECK;

/* Returns when the session with that number, which has been lost, is no more in the server either:
 * after a while it is ended there. False (ERROR_TIMEOUT): not within the limit. */
bool journal_await_end(struct session *session, struct cancel *cancel, unsigned number,
                       uint64_t limit_us, struct error *error) MUST_CHECK;

/* The statements that note down keys, for the transaction that did the work, and that strike one
 * out. Each ends with a semicolon. */
void journal_append_note(struct text *sql, const uint64_t *keys, size_t count);
void journal_append_strike(struct text *sql, uint64_t key);

/* Removes it, with the commit that makes all earlier ones durable. No event trigger fires for it,
 * as far as the role may prevent that. */
bool journal_remove(struct session *session, struct error *error) MUST_CHECK;
bool journal_is_there(struct session *session, bool *is_there, struct error *error) MUST_CHECK;

#endif
