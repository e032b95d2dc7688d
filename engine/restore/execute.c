#include "engine/restore/execute.h"

#include "engine/archive/label.h"
#include "engine/base/arena.h"
#include "engine/base/fault.h"
#include "engine/restore/batch.h"
#include "engine/restore/undone_indexes.h"

#include <string.h>

/* One entry being worked on. */
struct execution {
    struct target *target;
    const struct toc_entry *entry;
    struct outcome *outcome;
    uint64_t key; /* in the journal */
    bool is_bare; /* it cannot be done in a transaction */
    char label[LABEL_BYTES];
    unsigned bodies, bodies_done, failures;
};

#define OBJECT_NOT_IN_PREREQUISITE_STATE "55000"

/* A view whose rows are made by functions, which pg_dump does not look into: they may read another
 * view that is still to be filled. */
static bool may_come_later(const struct execution *execution, const struct error *error)
{
    return execution->entry->type == ENTRY_MATERIALIZED_VIEW_DATA &&
           strcmp(error->sqlstate, OBJECT_NOT_IN_PREREQUISITE_STATE) == 0 &&
           !execution->target->settings->is_one_transaction;
}

static void fail(struct execution *execution, struct error *error)
{
    execution->failures++;
    if (may_come_later(execution, error)) {
        execution->outcome->is_postponed = true;
        execution->outcome->error = *error;
        return;
    }
    target_fail(execution->target, execution->outcome, execution->label, execution->entry, error);
}

static void forget_settings(struct target *target)
{
    target->state = (struct statement_state){.user = NULL};
}

/* ---- one statement ---- */

#define SAVEPOINT "SAVEPOINT pgfast_statement;\n"
#define NOT_IN_A_TRANSACTION "25001"

/* A statement that fails is undone, and those before it stay. */
static void undo_statement(struct target *target)
{
    struct error ignored;

    if (session_is_usable(target->session) && session_is_in_transaction(target->session) &&
        !session_execute(target->session, "ROLLBACK TO SAVEPOINT pgfast_statement", &ignored))
        target_rollback(target);
}

static bool try_in_transaction(struct execution *execution, const char *sql, struct error *error)
{
    struct target *target = execution->target;
    const char *opening = session_is_in_transaction(target->session)
                              ? "RELEASE SAVEPOINT pgfast_statement;\n" SAVEPOINT
                              : "BEGIN;\n" SAVEPOINT;
    bool is_done = target_execute(target, execution->label,
                                  arena_print(target->arena, "%s%s", opening, sql), error);

    if (!is_done)
        undo_statement(target);
    return is_done;
}

/* What was set before it is kept. */
static bool run_bare(struct execution *execution, const char *sql, struct error *error)
{
    execution->is_bare = true;
    return (!session_is_in_transaction(execution->target->session) ||
            target_commit(execution->target, error)) &&
           target_execute(execution->target, execution->label, sql, error);
}

static bool run_in_transaction(struct execution *execution, const char *sql, struct error *error)
{
    for (unsigned attempt = 1;; attempt++) {
        if (try_in_transaction(execution, sql, error))
            return true;
        if (strcmp(error->sqlstate, NOT_IN_A_TRANSACTION) == 0 && execution->bodies_done == 0)
            return run_bare(execution, sql, error);
        if (!target_may_retry(execution->target, error, attempt))
            return false;
    }
}

static bool run_sql(struct execution *execution, const char *sql, struct error *error)
{
    return execution->target->settings->journal == NULL || execution->is_bare
               ? target_execute(execution->target, execution->label, sql, error)
               : run_in_transaction(execution, sql, error);
}

static uint64_t key_of_result(const struct execution *execution)
{
    bool is_flawed = execution->failures > 0 && journal_key_kind(execution->key) == JOURNAL_DEFINED;

    return is_flawed ? journal_key(JOURNAL_FLAWED, execution->entry->dump_id, 0) : execution->key;
}

static bool commit_entry(struct execution *execution, struct error *error)
{
    if (execution->outcome->is_defined)
        target_mark(execution->target, key_of_result(execution));
    return target_commit(execution->target, error);
}

/* Nothing of it stays, so that another run can make all of it. What had failed has been told. */
static void undo_entry(struct execution *execution)
{
    target_rollback(execution->target);
    forget_settings(execution->target);
    execution->outcome->is_defined = false;
}

/* The server may take leave right behind the answer to a statement that went well: what is not
 * committed is gone with the session, and must not pass for done. */
static void conclude_without_session(struct execution *execution)
{
    struct error error = {.kind = ERROR_NONE};

    if (execution->is_bare || session_look(execution->target->session, &error))
        return;
    execution->outcome->is_defined = false;
    fail(execution, &error);
}

/* Where the transaction has failed to commit, nothing has happened. */
static void conclude_transaction(struct execution *execution)
{
    struct target *target = execution->target;
    struct outcome *outcome = execution->outcome;
    struct error error = {.kind = ERROR_NONE};

    if (target->settings->journal == NULL)
        return;
    if (!session_is_usable(target->session)) {
        conclude_without_session(execution);
        return;
    }
    if (outcome->found_no_room && session_is_in_transaction(target->session)) {
        undo_entry(execution);
        return;
    }
    bool is_done = session_is_in_transaction(target->session)
                       ? commit_entry(execution, &error)
                       : !execution->is_bare || !outcome->is_defined ||
                             target_note(target, key_of_result(execution), &error);
    if (is_done)
        return;
    undo_entry(execution);
    fail(execution, &error);
}

/* ---- one entry ---- */

/* Unlike the stock tool, an object that could not be made here does not change hands: it is
 * another's. */
static bool is_pointless(const struct execution *execution, const struct statement *statement)
{
    return statement->purpose != STATEMENT_BODY && statement->purpose != STATEMENT_SETTING &&
           execution->bodies > 0 && execution->bodies_done == 0;
}

/* Like the stock tool, goes on after a setting that fails (a tablespace that is not there). */
static bool run_statement(struct execution *execution, const struct statement *statement,
                          struct error *error)
{
    bool is_body = statement->purpose == STATEMENT_BODY;

    if (is_pointless(execution, statement))
        return true;
    if (!run_sql(execution, statement->sql, error)) {
        if (statement->purpose == STATEMENT_SETTING)
            forget_settings(execution->target);
        execution->bodies += is_body;
        return false;
    }
    execution->bodies += is_body;
    execution->bodies_done += is_body;
    return true;
}

static bool is_part_of(const struct statement *single, const struct statement *batch)
{
    return single->purpose == batch->purpose && single->object_count == 1 &&
           single->first_object >= batch->first_object &&
           single->first_object - batch->first_object < batch->object_count;
}

/* A batch fails as a whole for one of its objects: each has its own try. */
static void run_singly(struct execution *execution, make_statements *make,
                       const struct statement *batch)
{
    struct target *target = execution->target;
    struct statement_options options = target->settings->statements;
    struct statement_state state = target->state;
    struct error error = {.kind = ERROR_NONE};
    struct statement_list list;

    options.without_batches = true;
    if (!make(&list, target->arena, target->settings->archive->toc, execution->entry, &options,
              &state, &error)) {
        fail(execution, &error);
        return;
    }
    for (size_t i = 0; i < list.count && !execution->outcome->stops; i++) {
        if (is_part_of(&list.items[i], batch) && !run_statement(execution, &list.items[i], &error))
            fail(execution, &error);
    }
}

static void run_list(struct execution *execution, make_statements *make,
                     const struct statement_list *list)
{
    const struct target *target = execution->target;

    for (size_t i = 0; i < list->count && !execution->outcome->stops; i++) {
        const struct statement *statement = &list->items[i];
        struct error error = {.kind = ERROR_NONE};

        if (run_statement(execution, statement, &error))
            continue;
        if (statement->is_batch && session_is_usable(target->session) &&
            !target->settings->is_one_transaction && error.kind != ERROR_CANCELLED)
            run_singly(execution, make, statement);
        else
            fail(execution, &error);
    }
}

static void execute(struct execution *execution, make_statements *make)
{
    struct target *target = execution->target;
    struct error error = {.kind = ERROR_NONE};
    struct statement_list list = {.warning = NULL};

    label_entry(execution->label, execution->entry);
    target_renew_arena(target);
    if (!make(&list, target->arena, target->settings->archive->toc, execution->entry,
              &target->settings->statements, &target->state, &error)) {
        fail(execution, &error);
        return;
    }
    if (list.warning != NULL)
        event_emit(target->settings->watch->events, EVENT_WARNING, "%s: %s", execution->label,
                   list.warning);
    run_list(execution, make, &list);
    execution->outcome->is_defined = execution->bodies > 0
                                         ? execution->bodies_done == execution->bodies
                                         : execution->failures == 0;
    FAULT_POINT("restore.entry.before");
    conclude_transaction(execution);
    FAULT_POINT("restore.entry.after");
}

static void announce(const struct target *target, const struct toc_entry *entry, const char *action,
                     const char *kind)
{
    char name[LABEL_BYTES];

    label_name(name, entry);
    event_emit(target->settings->watch->events, EVENT_DETAIL, "%s %s \"%s\"", action, kind, name);
}

static void announce_action(const struct target *target, enum execute_action action,
                            const struct toc_entry *entry)
{
    const char *word = action == EXECUTE_DROP           ? "dropping"
                       : entry->section == SECTION_DATA ? "executing"
                                                        : "creating";

    announce(target, entry, word, entry->desc);
    /* Of archives that tell what could not be dumped. */
    if (action != EXECUTE_DROP && entry->type == ENTRY_WARNING && entry->definition != NULL)
        event_emit(target->settings->watch->events, EVENT_WARNING, "the archive says: %s",
                   entry->definition);
}

uint64_t execute_key(enum execute_action action, const struct toc_entry *entry)
{
    static const enum journal_kind kinds[] = {
        [EXECUTE_DEFINITION] = JOURNAL_DEFINED,
        [EXECUTE_FIRST_HALF] = JOURNAL_FIRST_HALF,
        [EXECUTE_DROP] = JOURNAL_DROPPED,
    };

    return journal_key(kinds[action], entry->dump_id, 0);
}

static make_statements *maker_of(enum execute_action action)
{
    return action == EXECUTE_DROP ? statement_drop : statement_create;
}

void execute_entry(struct target *target, enum execute_action action, const struct toc_entry *entry,
                   struct outcome *outcome)
{
    struct execution execution = {
        .target = target, .entry = entry, .outcome = outcome, .key = execute_key(action, entry)};

    announce_action(target, action, entry);
    execute(&execution, maker_of(action));
}

static void execute_singly(struct target *target, enum execute_action action,
                           const struct toc_entry *const *entries, size_t count,
                           struct outcome *outcomes)
{
    for (size_t i = 0; i < count; i++) {
        execute_entry(target, action, entries[i], &outcomes[i]);
        if (outcomes[i].stops)
            return;
    }
}

static bool execute_together(struct target *target, enum execute_action action,
                             const struct toc_entry *const *entries, size_t count,
                             struct outcome *outcomes, struct error *error)
{
    for (size_t i = 0; i < count; i++)
        target_mark(target, execute_key(action, entries[i]));
    if (!batch_execute(target, maker_of(action), entries, count, error)) {
        undone_indexes_tell(target, entries, count);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        announce_action(target, action, entries[i]);
        outcomes[i].is_defined = true;
    }
    return true;
}

static void fail_with_session(const struct target *target, const struct toc_entry *entry,
                              struct outcome *outcome, struct error *error)
{
    char label[LABEL_BYTES];

    label_entry(label, entry);
    target_fail(target, outcome, label, entry, error);
}

size_t execute_entries(struct target *target, enum execute_action action,
                       const struct toc_entry *const *entries, size_t count,
                       struct outcome *outcomes)
{
    size_t together = batch_count(target, entries, count);
    struct error error = {.kind = ERROR_NONE};

    if (together < 2) {
        execute_entry(target, action, entries[0], &outcomes[0]);
        batch_size_learn(&target->batch_size, outcomes[0].error_count == 0);
        return 1;
    }
    if (execute_together(target, action, entries, together, outcomes, &error))
        return together;
    if (session_is_usable(target->session))
        execute_singly(target, action, entries, together, outcomes);
    else
        fail_with_session(target, entries[0], &outcomes[0], &error);
    return together;
}

void execute_tentatively(struct target *target, const struct toc_entry *const *entries,
                         size_t count, struct outcome *outcomes)
{
    for (size_t next = 0; next < count;) {
        struct error unused;
        size_t together = batch_count(target, entries + next, count - next);

        if (together == 0)
            together = 1;
        if (!batch_takes(entries[next]) ||
            !execute_together(target, EXECUTE_DEFINITION, entries + next, together, outcomes + next,
                              &unused))
            for (size_t i = 0; i < together; i++)
                outcomes[next + i].is_postponed = true;
        next += together;
    }
}

static bool make_triggers_off(struct statement_list *list, struct arena *arena,
                              const struct toc *toc, const struct toc_entry *entry,
                              const struct statement_options *options,
                              struct statement_state *state, struct error *error)
{
    (void)toc;
    return statement_triggers(list, arena, entry, TRIGGERS_OFF, options, state, error);
}

static bool make_triggers_on(struct statement_list *list, struct arena *arena,
                             const struct toc *toc, const struct toc_entry *entry,
                             const struct statement_options *options, struct statement_state *state,
                             struct error *error)
{
    (void)toc;
    return statement_triggers(list, arena, entry, TRIGGERS_ON, options, state, error);
}

void execute_trigger_switch(struct target *target, const struct toc_entry *data,
                            enum trigger_switch trigger_switch, struct outcome *outcome)
{
    bool is_off = trigger_switch == TRIGGERS_OFF;
    struct execution execution = {
        .target = target,
        .entry = data,
        .outcome = outcome,
        .key = journal_key(is_off ? JOURNAL_TRIGGERS_OFF : JOURNAL_TRIGGERS_ON, data->dump_id, 0),
    };

    announce(target, data, is_off ? "disabling" : "enabling", "triggers for table");
    execute(&execution, is_off ? make_triggers_off : make_triggers_on);
}
