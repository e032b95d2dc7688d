/* What a restore has to do: first a list for one session, in order; then steps that many sessions
 * take, as nodes for the schedule. A pure function of the table of contents, the selection and the
 * sizes.
 *
 * The unit of data is the table, however many data entries hold its rows: whoever needs the table's
 * rows waits for all of them, at one node (its gate). */
#ifndef PGFAST_RESTORE_PLAN_H
#define PGFAST_RESTORE_PLAN_H

#include "engine/archive/toc.h"
#include "engine/base/arena.h"
#include "engine/restore/analyses.h"
#include "engine/restore/halves.h"
#include "engine/restore/schedule.h"
#include "engine/restore/selection.h"
#include "engine/restore/table_graph.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plan_action {
    PLAN_PASS_BY,            /* nothing to do; whoever waits for it may go on */
    PLAN_DEFINE,             /* the entry's statements, or the first half of them */
    PLAN_DEFINE_SECOND_HALF, /* of the entry whose first half is the step before */
    PLAN_LOAD_TABLE,
    PLAN_LOAD_BLOBS, /* a file for each large object */
    PLAN_LOAD_PAGES, /* many large objects in one file */
    PLAN_DISABLE_TRIGGERS,
    PLAN_ENABLE_TRIGGERS,
    PLAN_ANALYZE /* of no entry; `entry` is one that names the first relation */
};

/* Switches come when all else is there: what a partition says of a trigger that it has from above,
 * since the archive does not always say whose it is; row security, which an owner who is subject to
 * it could not check foreign keys under. Privileges come after everything they could stand in the
 * way of, those on schemas first: who is to grant again what they were allowed to must get there.
 * Then what runs the users' code or is run by it. Event triggers are last, so that they do not fire
 * for the restore itself. */
enum plan_pass {
    PLAN_PASS_MAIN,
    PLAN_PASS_SWITCHES,
    PLAN_PASS_SCHEMA_ACL,
    PLAN_PASS_ACL,
    PLAN_PASS_REFRESH,
    PLAN_PASS_EVENT_TRIGGERS
};

struct row_feed;

struct plan_step {
    enum plan_action action;
    const struct toc_entry *entry;
    const struct plan_table *table;    /* NULL: not about the rows of a table */
    const struct halved_entry *halved; /* NULL: not about half an entry */
    uint64_t cost_us;                  /* estimated (cost.h); what passes by takes no time */
    bool has_failed;                   /* PLAN_DEFINE */
    bool is_done;                      /* by an earlier run */
    bool lacks_rows;                   /* its own, or those it waits for, found no room */
    const struct analysis *analysis;   /* PLAN_ANALYZE: whose statistics to gather */
    uint64_t stored_bytes;             /* of the rows that it is about */
    unsigned part, parts;  /* of a load: which share of the entry's objects or rows, of how many */
    struct row_feed *feed; /* what the parts of PLAN_LOAD_TABLE share while they run (row_feed.h) */
};

struct plan {
    const struct toc_entry **serial; /* definitions that go first, one after the other */
    size_t serial_count;
    struct plan_step *steps;
    struct schedule_node *nodes; /* nodes[i] says when steps[i] may run */
    size_t step_count;
    struct plan_table *tables;
    size_t table_count;
    const size_t *table_by_dump_id; /* number + 1, of definitions and of data entries; 0: none */
    size_t wanted_count;            /* entries to be restored, serial ones among them */
};

struct plan_options {
    unsigned sessions; /* that will take steps, at most */
    bool disables_triggers;
    unsigned expansion;      /* bytes of rows for each that is stored; 0: 1 */
    bool gathers_statistics; /* of what is loaded, unless the archive brings them */
    bool keeps_order; /* among steps that are ready, as one session would want it, instead of the
                         largest first */
};

/* `stored_bytes[i]` belongs to selection->entries[i]. Everything lives in the arena. */
void plan_make(struct plan *plan, struct arena *arena, const struct toc *toc,
               const struct selection *selection, const uint64_t *stored_bytes,
               const struct plan_options *options);

/* What servers of that version (as 180000) would not take in halves goes as a whole. Before the
 * first step is taken. */
void plan_fit_server(struct plan *plan, int version);

/* For what the serial part has found out, before the first step is taken. No effect on entries that
 * are no tables. */
void plan_table_created(struct plan *plan, const struct toc_entry *entry);
void plan_table_failed(struct plan *plan, const struct toc_entry *entry); /* bars its rows */

/* A first half that has failed has no second. */
void plan_step_failed(const struct plan *plan, const struct plan_step *step);

/* False: the step only lets others go on. */
bool plan_step_is_work(const struct plan_step *step);

#endif
