/* A session of the database being restored, with what it has set so far. It belongs to the thread
 * that opened it, like the session in it. */
#ifndef PGFAST_RESTORE_TARGET_H
#define PGFAST_RESTORE_TARGET_H

#include "engine/archive/archive.h"
#include "engine/base/text.h"
#include "engine/flow/watch.h"
#include "engine/restore/batch_size.h"
#include "engine/restore/hint.h"
#include "engine/restore/journal.h"
#include "engine/restore/maintenance.h"
#include "engine/restore/outcome.h"
#include "engine/server/session.h"
#include "engine/sql/statement.h"

/* The same for all sessions of a restore; const once it has begun. */
struct target_settings {
    const struct archive *archive;
    struct statement_options statements;
    const char *role;
    bool enable_row_security;
    const char *first_role;  /* of the first session, as the server says; NULL: not known yet */
    bool is_in_own_database; /* it is one that this restore makes (--create) */
    bool exit_on_error;      /* the first failure ends the restore instead of being told */
    enum hint_course hint_course;
    bool is_one_transaction; /* around the whole restore: steps open none */
    uint64_t lock_slots;     /* locks that the server has room for, of all its sessions */
    unsigned sessions;       /* that work at the same time */
    uint64_t block_bytes;    /* of the server */
    struct watch *watch;
    struct journal_run *journal; /* NULL: there is none */
    uint64_t reconnect_limit_us; /* for a session that is lost, where there is a journal */
};

struct target {
    const struct target_settings *settings;
    struct session *session;
    struct statement_state state;
    struct arena *arena;   /* the statements' text, for one entry */
    unsigned char *buffer; /* TARGET_BUFFER_BYTES, for data on its way */
    struct batch_size batch_size;
    struct maintenance_grant maintenance; /* what the session is set to */
    const struct connection *connection;
    unsigned number;           /* in the journal */
    struct journal_keys marks; /* what the open transaction will note down */
    struct journal_keys known; /* to be done, as read after a session was lost */
};

enum { TARGET_BUFFER_BYTES = 512 * 1024 };

bool target_open(struct target **target, const struct connection *connection,
                 const struct target_settings *settings, struct error *error) MUST_CHECK;
void target_close(struct target *target); /* accepts NULL */

/* For the builds and checks that follow; no effect where the session is set so already. */
bool target_set_maintenance(struct target *target, const struct maintenance_grant *grant,
                            struct error *error) MUST_CHECK;

/* The same, for as long as the settings allow where the server is only away for a while. */
bool target_open_patiently(struct target **target, const struct connection *connection,
                           const struct target_settings *settings, struct error *error) MUST_CHECK;

/* The same where this run has just closed a session: the server may still count it, so that it has
 * no room yet. */
bool target_open_again(struct target **target, const struct connection *connection,
                       const struct target_settings *settings, struct error *error) MUST_CHECK;

/* Takes part in a journal that was not there yet when the session was opened. */
bool target_join(struct target *target, struct journal_run *journal,
                 struct error *error) MUST_CHECK;

/* After its session was lost, in a restore with a journal: another one takes its place, as soon as
 * the server has done with the lost one, and it is read again what is done. */
bool target_recover(struct target *target, struct error *error) MUST_CHECK;
bool target_is_recoverable(const struct target *target); /* it is lost, and there is a journal */

/* A fresh one: what the last entry needed is gone. */
void target_renew_arena(struct target *target);

/* Statements as they stand; what the server warns of becomes events. `label` names the entry. */
bool target_execute(struct target *target, const char *label, const char *sql,
                    struct error *error) MUST_CHECK;

/* Returns when everything that any session has committed would survive a crash of the server. A
 * restore commits without waiting for the disk, object by object, and waits once, at its end. */
bool target_make_durable(struct target *target, struct error *error) MUST_CHECK;

/* Where one transaction holds the whole restore: its begin and its end. Otherwise nothing. */
bool target_begin_whole(struct target *target, struct error *error) MUST_CHECK;
bool target_commit_whole(struct target *target, struct error *error) MUST_CHECK;

/* Done already, by an earlier run or before the session was lost. */
bool target_is_done(const struct target *target, uint64_t key);

/* The open transaction does this: its commit notes it down, its end without one forgets. No effect
 * without a journal. */
void target_mark(struct target *target, uint64_t key);
/* In a transaction of its own. */
bool target_note(struct target *target, uint64_t key, struct error *error) MUST_CHECK;

/* No effect where one transaction holds the whole restore. */
bool target_begin(struct target *target, struct error *error) MUST_CHECK;
bool target_commit(struct target *target, struct error *error) MUST_CHECK;
void target_rollback(struct target *target);

/* Around several entries at once: a transaction, or a part of the one that holds the whole restore.
 * Lent text; the other two end it. */
const char *target_batch_opening(const struct target *target);
bool target_end_batch(struct target *target, struct error *error) MUST_CHECK;
void target_undo_batch(struct target *target); /* no effect if it was not begun */

/* True, after a pause that a cancel cuts short: the statement (or transaction) failed for what
 * other sessions did, and may do better the next time. `attempt` counts from 1. */
bool target_may_retry(const struct target *target, const struct error *error, unsigned attempt);

/* The server had no room: on its disks, in its memory, for connections or locks (class 53). With
 * more of it the same will go well. */
bool target_found_no_room(const struct error *error);

/* Puts a failure into the outcome, and tells it unless the restore ends with it. */
void target_fail(const struct target *target, struct outcome *outcome, const char *label,
                 const struct toc_entry *entry, struct error *error);

void target_warn(const struct target *target, const char *label);

/* True: there were warnings, which nobody will see. For what is about to be undone and done again,
 * or is undone because of them. */
bool target_forget_warnings(const struct target *target);

#endif
