#include "engine/restore/gather_statistics.h"

#include "engine/archive/label.h"
#include "engine/base/arena.h"
#include "engine/restore/step_key.h"
#include "engine/sql/analyze.h"

#include <string.h>

enum { SINCE_ONLY_PARTITIONED = 180000 };

/* The one transaction that holds a whole restore should not fail for want of statistics. */
static bool run_in_savepoint(struct target *target, const char *label, const char *sql,
                             struct error *error)
{
    struct error ignored = {.kind = ERROR_NONE};

    if (!session_execute(target->session, "SAVEPOINT pgfast_analyze", error))
        return false;
    if (target_execute(target, label, sql, error))
        return session_execute(target->session, "RELEASE SAVEPOINT pgfast_analyze", error);
    /* Where even this fails, the next statement of the transaction tells. */
    if (!session_execute(target->session, "ROLLBACK TO SAVEPOINT pgfast_analyze", &ignored))
        return false;
    return false;
}

static bool run_statement(struct target *target, const char *label, const char *sql,
                          struct error *error)
{
    return target->settings->is_one_transaction ? run_in_savepoint(target, label, sql, error)
                                                : target_execute(target, label, sql, error);
}

static bool analyze(struct target *target, const char *label,
                    const struct analyze_relation *relations, size_t count, struct error *error)
{
    struct statement_list list;

    if (!statement_analyze(&list, target->arena, relations, count, &target->settings->statements,
                           &target->state, error))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        if (run_statement(target, label, list.items[i].sql, error))
            continue;
        if (list.items[i].purpose == STATEMENT_SETTING)
            target->state = (struct statement_state){.user = NULL};
        return false;
    }
    return true;
}

/* A relation that is not there is one whose failure has been told. */
static void warn(const struct target *target, const char *label, const struct error *error)
{
    if (strcmp(error->sqlstate, "42P01") == 0 || strcmp(error->sqlstate, "3F000") == 0)
        return;
    event_emit(target->settings->watch->events, EVENT_WARNING,
               "could not gather the statistics of %s: %s", label, error->message);
}

static bool ends_the_restore(const struct target *target, const struct error *error)
{
    return error->kind == ERROR_CANCELLED || !session_is_usable(target->session);
}

/* Before server 18, statistics of a partition come with those of its partitioned table. */
static size_t choose(const struct target *target, const struct analysis *analysis,
                     struct analyze_relation *chosen)
{
    bool has_only = session_server_version(target->session) >= SINCE_ONLY_PARTITIONED;
    size_t count = 0;

    for (size_t i = 0; i < analysis->count; i++) {
        const struct analyzed_relation *relation = &analysis->relations[i];

        if (relation->is_partition && !has_only)
            continue;
        chosen[count++] = (struct analyze_relation){
            .schema = relation->entry->schema,
            .name = relation->entry->tag,
            .is_only = relation->is_partitioned && has_only,
        };
    }
    return count;
}

static void label_relation(char label[LABEL_BYTES], const struct analyze_relation *relation)
{
    const struct toc_entry named = {
        .desc = "TABLE", .schema = relation->schema, .tag = relation->name};

    label_name(label, &named);
}

static bool analyze_one(struct target *target, const struct analyze_relation *relation,
                        struct error *error)
{
    char label[LABEL_BYTES];

    label_relation(label, relation);
    if (analyze(target, label, relation, 1, error))
        return true;
    if (ends_the_restore(target, error))
        return false;
    warn(target, label, error);
    return true;
}

static bool analyze_each(struct target *target, const struct analyze_relation *relations,
                         size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!analyze_one(target, &relations[i], error))
            return false;
    return true;
}

/* All at once, where that goes well. */
static bool gather(struct target *target, const struct analyze_relation *relations, size_t count,
                   struct error *error)
{
    if (count > 1) {
        if (analyze(target, "ANALYZE", relations, count, error))
            return true;
        if (ends_the_restore(target, error))
            return false;
    }
    return analyze_each(target, relations, count, error);
}

void gather_statistics(struct target *target, const struct plan_step *step, struct outcome *outcome)
{
    struct error error = {.kind = ERROR_NONE};

    target_renew_arena(target);
    struct analyze_relation *relations =
        arena_allocate(target->arena, step->analysis->count, sizeof relations[0]);
    size_t count = choose(target, step->analysis, relations);

    if (count == 0 ||
        (gather(target, relations, count, &error) && target_note(target, step_key(step), &error)))
        return;
    if (ends_the_restore(target, &error))
        target_fail(target, outcome, "ANALYZE", NULL, &error);
}
