#include "engine/compare/judge.h"

#include "engine/archive/label.h"
#include "engine/compare/verdict.h"

#include <inttypes.h>
#include <stdio.h>

/* More large objects that differ are only counted. */
enum { MOST_OBJECTS_TOLD = 100 };

struct judge {
    const struct judgement *judgement;
    struct arena *arena;
    uint64_t told_objects;
    struct error gravest; /* the first difference; where there is none, the first that could not be
                             compared */
};

static void count(struct judge *judge, const struct error *error)
{
    bool is_graver = error->kind == ERROR_DIFFERENT && judge->gravest.kind != ERROR_DIFFERENT;

    if (judge->judgement->totals->differences == 0 || is_graver)
        judge->gravest = *error;
    judge->judgement->totals->differences++;
    counter_add(&judge->judgement->watch->counters.errors, 1);
}

static void tell(struct judge *judge, const char *label, const struct error *error)
{
    count(judge, error);
    event_emit_failure(judge->judgement->watch->events, label, error);
}

static void tell_object(struct judge *judge, const char *label, const struct error *error)
{
    if (judge->told_objects++ < MOST_OBJECTS_TOLD)
        tell(judge, label, error);
    else
        count(judge, error);
}

/* What is not known of either side cannot be compared. */
static void forget_objects(struct judge *judge, const struct compare_task *task)
{
    const struct compared_objects *objects = &judge->judgement->comparison->objects;
    struct compared_object *object;

    for (size_t i = 0; i < task->count && task->work == WORK_LIVE_OBJECTS; i++)
        task->objects[i].is_unread = true;
    for (size_t i = 0; i < task->count && task->work == WORK_ARCHIVED_OBJECTS; i++)
        if ((object = compared_objects_find(objects, task->files[i].oid)) != NULL)
            object->is_unread = true;
    for (size_t i = 0; i < objects->count && task->work == WORK_ARCHIVED_PAGES; i++)
        objects->items[i].is_unread = true;
    tell(judge, "large objects", &task->error);
}

static void add_rows(struct compare_task *task)
{
    struct subject *subject = task->subject;

    if (task->error.kind != ERROR_NONE) {
        if (subject->error.kind == ERROR_NONE)
            subject->error = task->error;
        return;
    }
    row_digest_add(task->work == WORK_LIVE_ROWS ? &subject->live : &subject->archived,
                   &task->digest);
}

static void add_results(struct judge *judge)
{
    const struct comparison *comparison = judge->judgement->comparison;

    for (size_t i = 0; i < comparison->task_count; i++) {
        struct compare_task *task = comparison->tasks[i];

        if (task->subject != NULL)
            add_rows(task);
        else if (task->error.kind != ERROR_NONE)
            forget_objects(judge, task);
    }
}

static void judge_subjects(struct judge *judge)
{
    const struct subjects *subjects = &judge->judgement->comparison->subjects;
    struct error error;

    for (size_t i = 0; i < subjects->count; i++) {
        const struct subject *subject = &subjects->items[i];
        char label[LABEL_BYTES];

        label_table(label, subject->schema, subject->name);
        judge->judgement->totals->tables++;
        judge->judgement->totals->rows += subject->live.rows;
        if (!verdict_of_subject(subject, &error))
            tell(judge, label, &error);
        else if (subject->counts_only)
            event_emit(judge->judgement->watch->events, EVENT_WARNING,
                       "%s: only the number of rows could be compared, since the archive holds "
                       "them partly in text and partly in binary format",
                       label);
        else
            event_emit(judge->judgement->watch->events, EVENT_DETAIL,
                       "%s: the same %" PRIu64 " rows", label, subject->live.rows);
    }
}

static void judge_sequences(struct judge *judge)
{
    const struct sequences *sequences = &judge->judgement->comparison->sequences;
    char label[LABEL_BYTES];
    struct error error;

    for (size_t i = 0; i < sequences->count; i++) {
        judge->judgement->totals->sequences++;
        label_entry(label, sequences->items[i].entry);
        if (!verdict_of_sequence(&sequences->items[i], &error))
            tell(judge, label, &error);
    }
}

static void judge_objects(struct judge *judge)
{
    const struct comparison *comparison = judge->judgement->comparison;
    char label[LABEL_BYTES];
    struct error error;

    for (size_t i = 0; i < comparison->objects.count; i++) {
        const struct compared_object *object = &comparison->objects.items[i];

        if (object->is_unread)
            continue;
        judge->judgement->totals->large_objects++;
        snprintf(label, sizeof label, "LARGE OBJECT %" PRIu32, object->oid);
        if (!verdict_of_object(object, comparison->knows_objects, &error))
            tell_object(judge, label, &error);
    }
    if (judge->told_objects > MOST_OBJECTS_TOLD)
        event_emit(judge->judgement->watch->events, EVENT_WARNING,
                   "%" PRIu64 " more large objects differ",
                   judge->told_objects - MOST_OBJECTS_TOLD);
}

/* The archive may be one of a part of the database, so this is no fault. */
static void tell_others(struct judge *judge)
{
    struct event_stream *events = judge->judgement->watch->events;
    char label[LABEL_BYTES];
    size_t count;
    const struct live_relation **others = subjects_find_others(
        &judge->judgement->comparison->subjects, judge->arena, judge->judgement->live, &count);

    if (count > 0) {
        label_table(label, others[0]->schema, others[0]->name);
        event_emit(events, EVENT_WARNING,
                   "the archive has no rows of %zu %s of the database, %s is %s", count,
                   count == 1 ? "table" : "tables", count == 1 ? "which" : "the first of which",
                   label);
    }
    for (size_t i = 0; i < count; i++) {
        label_table(label, others[i]->schema, others[i]->name);
        event_emit(events, EVENT_DETAIL, "not in the archive: rows of %s", label);
    }
    if (judge->judgement->comparison->live_objects_besides > 0)
        event_emit(events, EVENT_WARNING,
                   "the archive has none of the database's %" PRIu64 " large objects",
                   judge->judgement->comparison->live_objects_besides);
}

static bool conclude(const struct judge *judge, struct error *error)
{
    uint64_t differences = judge->judgement->totals->differences;

    if (differences == 0)
        return true;
    if (judge->gravest.kind == ERROR_DIFFERENT)
        return error_set(error, ERROR_DIFFERENT,
                         "database \"%s\" does not hold what archive \"%s\" holds: %" PRIu64 " %s",
                         judge->judgement->database, judge->judgement->archive_path, differences,
                         differences == 1 ? "difference" : "differences");
    *error = judge->gravest;
    error_prefix(error, "not all of archive \"%s\" could be compared",
                 judge->judgement->archive_path);
    return false;
}

bool judge(const struct judgement *judgement, struct arena *arena, struct error *error)
{
    struct judge judge = {.judgement = judgement, .arena = arena};

    add_results(&judge);
    judge_subjects(&judge);
    judge_sequences(&judge);
    judge_objects(&judge);
    tell_others(&judge);
    return conclude(&judge, error);
}
